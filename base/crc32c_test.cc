#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/random.h"

namespace cosfuse {
namespace {

// Test vectors of RFC 3720, appendix B.4, and the usual check value.
TEST(Crc32c, KnownVectors) {
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending += c;
  const std::vector<std::pair<std::string, uint32_t>> vectors = {
      {"", 0},
      {"123456789", 0xe3069283},
      {std::string(32, '\0'), 0x8a9136aa},
      {std::string(32, '\xff'), 0x62a8ab43},
      {ascending, 0x46dd794e},
  };
  for (const auto& [text, expected] : vectors) {
    EXPECT_EQ(ExtendCrc32c(0, AsBytes(text)), expected);
    EXPECT_EQ(ExtendCrc32cPortable(0, AsBytes(text)), expected);
  }
}

TEST(Crc32c, BothWaysAgreeAtEveryLengthAndAlignment) {
  SeededRandom random(7);
  const std::string data = random.Hex(64);
  for (size_t from = 0; from < 16; ++from) {
    for (size_t length = 0; from + length <= data.size(); ++length) {
      const auto bytes = AsBytes(data).subspan(from, length);
      ASSERT_EQ(ExtendCrc32c(0x1234abcd, bytes), ExtendCrc32cPortable(0x1234abcd, bytes)) << from << " " << length;
    }
  }
}

TEST(Crc32c, ExtendsOverPieces) {
  const std::string text = "The quick brown fox jumps over the lazy dog";
  const uint32_t whole = ExtendCrc32c(0, AsBytes(text));
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(ExtendCrc32c(ExtendCrc32c(0, AsBytes(text).first(cut)), AsBytes(text).subspan(cut)), whole);
  }
}

TEST(Crc32c, IsSentHighestByteFirst) {
  EXPECT_EQ(EncodeCrc32c(0xe3069283), "4waSgw==");
  EXPECT_EQ(EncodeCrc32c(0), "AAAAAA==");
}

TEST(Crc32c, CombinesTextsThatWereSummedApart) {
  const std::string text = SeededRandom(3).Hex(5000);
  const uint32_t whole = ExtendCrc32c(0, AsBytes(text));
  for (const size_t cut : {size_t{0}, size_t{1}, size_t{7}, size_t{4096}, text.size() - 1, text.size()}) {
    const uint32_t first = ExtendCrc32c(0, AsBytes(text).first(cut));
    const uint32_t second = ExtendCrc32c(0, AsBytes(text).subspan(cut));
    EXPECT_EQ(CombineCrc32c(first, second, text.size() - cut), whole) << cut;
  }
}

TEST(Crc32c, IsReadBackUnlessItIsSomethingElse) {
  EXPECT_EQ(DecodeCrc32c("4waSgw=="), 0xe3069283);
  EXPECT_EQ(DecodeCrc32c("AAAAAA=="), 0U);
  for (const char* text : {"", "4waSgw", "4waSgw==-3", "4waSg!==", "4waSgwA=", "4waSgwAA"}) {
    EXPECT_EQ(DecodeCrc32c(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace cosfuse
