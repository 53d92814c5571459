#include "base/encoding.h"

#include <gtest/gtest.h>

#include <utility>

namespace cosfuse {
namespace {

using std::string_literals::operator""s;

std::string EveryByte() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  return bytes;
}

TEST(PercentEncode, LeavesTheUnreservedCharactersOfRfc3986) {
  const std::string unreserved = "ABCXYZabcxyz0189-._~";
  EXPECT_EQ(PercentEncode(unreserved), unreserved);
}

TEST(PercentEncode, EncodesEverythingElseInUpperCaseHex) {
  EXPECT_EQ(PercentEncode("a b+c/d%"), "a%20b%2Bc%2Fd%25");
  EXPECT_EQ(PercentEncode("\xc3\xa4\0"s), "%C3%A4%00");
}

TEST(PercentEncode, LeavesWhatTheCallerKeeps) { EXPECT_EQ(PercentEncode("a/b c:d", "/:"), "a/b%20c:d"); }

TEST(PercentDecode, ReversesEncodeForEveryByte) { EXPECT_EQ(PercentDecode(PercentEncode(EveryByte())), EveryByte()); }

TEST(PercentDecode, TakesBothCasesOfHex) { EXPECT_EQ(PercentDecode("%c3%A4"), "\xc3\xa4"); }

TEST(PercentDecode, ReadsPlusAsASpaceOnlyWhenTold) {
  EXPECT_EQ(PercentDecode("a+b"), "a+b");
  EXPECT_EQ(PercentDecode("a+b%2B", true), "a b+");
}

TEST(PercentDecode, RefusesAnUnfinishedOrMalformedEscape) {
  for (const char* text : {"%", "a%", "%2", "a%2", "%zz", "%2g", "%%20"}) {
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
  }
}

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  for (const auto& [plain, encoded] :
       {std::pair{"", ""}, std::pair{"f", "Zg=="}, std::pair{"fo", "Zm8="}, std::pair{"foo", "Zm9v"},
        std::pair{"foob", "Zm9vYg=="}, std::pair{"fooba", "Zm9vYmE="}, std::pair{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(Base64Encode(AsBytes(plain)), encoded);
    EXPECT_EQ(Base64Decode(encoded), plain);
  }
}

TEST(Base64, ReversesEveryByte) { EXPECT_EQ(Base64Decode(Base64Encode(AsBytes(EveryByte()))), EveryByte()); }

TEST(Base64, DecodesTheUrlSafeAlphabetWithoutPadding) {
  EXPECT_EQ(Base64Decode("-_-_"), "\xfb\xff\xbf");
  EXPECT_EQ(Base64Decode("+/+/"), "\xfb\xff\xbf");
  EXPECT_EQ(Base64Decode("Zg"), "f");
}

TEST(Base64, RefusesForeignCharacters) {
  for (const char* text : {"Zg==\n", "Z g=", "Zm=9", "!"}) EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
}

TEST(HexEncode, WritesTwoLowerCaseDigitsForEachByte) {
  EXPECT_EQ(HexEncode(AsBytes("\x00\x0f\xf0\xff"s)), "000ff0ff");
  EXPECT_EQ(HexEncode({}), "");
}

TEST(ToLowerAscii, LeavesOtherBytesAlone) { EXPECT_EQ(ToLowerAscii("ETag-X9\xc3\x84"), "etag-x9\xc3\x84"); }

TEST(TrimWhitespace, CutsBothEnds) {
  EXPECT_EQ(TrimWhitespace(" \t token \r\n"), "token");
  EXPECT_EQ(TrimWhitespace("a b"), "a b");
  EXPECT_EQ(TrimWhitespace(" \n"), "");
  EXPECT_EQ(TrimWhitespace(""), "");
}

TEST(AsBytes, AndAsTextAreInverse) { EXPECT_EQ(AsText(AsBytes(EveryByte())), EveryByte()); }

}  // namespace
}  // namespace cosfuse
