#include "base/byte_range.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(ByteRange, EndIsOnePastTheLastByte) {
  EXPECT_EQ((ByteRange{10, 5}).end(), 15U);
  EXPECT_TRUE((ByteRange{10, 0}).empty());
  EXPECT_FALSE((ByteRange{10, 1}).empty());
}

TEST(ByteRange, ContainsItselfAndItsPartsOnly) {
  const ByteRange range{10, 10};
  EXPECT_TRUE(range.Contains(range));
  EXPECT_TRUE(range.Contains({12, 3}));
  EXPECT_TRUE(range.Contains({20, 0}));
  EXPECT_FALSE(range.Contains({9, 2}));
  EXPECT_FALSE(range.Contains({19, 2}));
}

struct IntersectCase {
  ByteRange a, b, common;
};

TEST(ByteRange, IntersectIsTheCommonPart) {
  for (const auto& [a, b, common] : {
           IntersectCase{{0, 10}, {5, 10}, {5, 5}},
           IntersectCase{{0, 10}, {2, 3}, {2, 3}},
           IntersectCase{{0, 10}, {10, 5}, {10, 0}},
           IntersectCase{{0, 10}, {30, 5}, {30, 0}},
           IntersectCase{{0, 10}, {0, 10}, {0, 10}},
           IntersectCase{{0, 0}, {0, 10}, {0, 0}},
       }) {
    EXPECT_EQ(a.Intersect(b), common) << a.offset << "+" << a.length << " and " << b.offset << "+" << b.length;
    EXPECT_EQ(b.Intersect(a), common) << b.offset << "+" << b.length << " and " << a.offset << "+" << a.length;
  }
}

TEST(ByteRange, FromToIsEmptyWhereTheEndComesFirst) {
  EXPECT_EQ(ByteRange::FromTo(3, 8), (ByteRange{3, 5}));
  EXPECT_EQ(ByteRange::FromTo(8, 8), (ByteRange{8, 0}));
  EXPECT_EQ(ByteRange::FromTo(8, 3), (ByteRange{8, 0}));
}

TEST(ByteRange, RoundingStopsAtMultiples) {
  EXPECT_EQ(RoundDown(0, 4), 0U);
  EXPECT_EQ(RoundDown(7, 4), 4U);
  EXPECT_EQ(RoundDown(8, 4), 8U);
  EXPECT_EQ(RoundUp(0, 4), 0U);
  EXPECT_EQ(RoundUp(5, 4), 8U);
  EXPECT_EQ(RoundUp(8, 4), 8U);
}

}  // namespace
}  // namespace cosfuse
