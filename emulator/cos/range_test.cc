#include "emulator/cos/range.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

using enum RangeVerdict::Kind;

struct RangeCase {
  const char* header;
  ByteCount size;
  RangeVerdict::Kind kind;
  ByteRange range;
};

class RangeHeader : public testing::TestWithParam<RangeCase> {};

TEST_P(RangeHeader, Resolves) {
  const RangeVerdict verdict = ResolveRange(GetParam().header, GetParam().size);
  EXPECT_EQ(verdict.kind, GetParam().kind);
  EXPECT_EQ(verdict.range, GetParam().range);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc9110, RangeHeader,
    testing::Values(RangeCase{"", 10, kWhole, {0, 10}}, RangeCase{"bytes=0-0", 10, kPart, {0, 1}},
                    RangeCase{"bytes=2-5", 10, kPart, {2, 4}}, RangeCase{"bytes=2-99", 10, kPart, {2, 8}},
                    RangeCase{"bytes=9-", 10, kPart, {9, 1}}, RangeCase{"bytes=-3", 10, kPart, {7, 3}},
                    RangeCase{"bytes=-99", 10, kPart, {0, 10}}, RangeCase{"bytes=10-", 10, kUnsatisfiable, {}},
                    RangeCase{"bytes=10-20", 10, kUnsatisfiable, {}}, RangeCase{"bytes=-0", 10, kUnsatisfiable, {}},
                    RangeCase{"bytes=0-", 0, kUnsatisfiable, {}}, RangeCase{"bytes=-1", 0, kUnsatisfiable, {}},
                    RangeCase{"bytes=0-0", 0, kUnsatisfiable, {}}, RangeCase{"bytes=5-2", 10, kWhole, {0, 10}},
                    RangeCase{"bytes=a-b", 10, kWhole, {0, 10}}, RangeCase{"bytes=1-2,4-5", 10, kWhole, {0, 10}},
                    RangeCase{"bytes=", 10, kWhole, {0, 10}}, RangeCase{"lines=1-2", 10, kWhole, {0, 10}},
                    RangeCase{"bytes=0-18446744073709551615", 10, kPart, {0, 10}}));

TEST(CopyRange, HasToLieWithinTheSource) {
  EXPECT_EQ(ParseCopyRange("bytes=2-5", 10), (ByteRange{2, 4}));
  EXPECT_EQ(ParseCopyRange("bytes=0-9", 10), (ByteRange{0, 10}));
  EXPECT_FALSE(ParseCopyRange("bytes=0-10", 10));
  EXPECT_FALSE(ParseCopyRange("bytes=5-", 10));
  EXPECT_FALSE(ParseCopyRange("bytes=-5", 10));
  EXPECT_FALSE(ParseCopyRange("0-5", 10));
  EXPECT_FALSE(ParseCopyRange("bytes=5-2", 10));
}

}  // namespace
}  // namespace cosfuse::emulator
