#include "cache/extent_map.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/random.h"

namespace cosfuse {
namespace {

using Ranges = std::vector<ByteRange>;

TEST(ExtentMap, StartsEmpty) {
  const ExtentMap map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.end(), 0u);
  EXPECT_FALSE(map.Covers({0, 1}));
  EXPECT_EQ(map.Gaps({5, 5}), (Ranges{{5, 5}}));
}

TEST(ExtentMap, InsertMergesOverlappingAndTouchingRanges) {
  ExtentMap map;
  map.Insert({0, 10});
  map.Insert({20, 10});
  EXPECT_EQ(map.count(), 2u);
  map.Insert({10, 5});
  EXPECT_EQ(map.ranges(), (Ranges{{0, 15}, {20, 10}}));
  map.Insert({12, 10});
  EXPECT_EQ(map.ranges(), (Ranges{{0, 30}}));
  EXPECT_EQ(map.total(), 30u);
}

TEST(ExtentMap, InsertTouchingFromTheLeftMerges) {
  ExtentMap map;
  map.Insert({10, 5});
  map.Insert({5, 5});
  EXPECT_EQ(map.ranges(), (Ranges{{5, 10}}));
}

TEST(ExtentMap, AnEmptyRangeChangesNothing) {
  ExtentMap map;
  map.Insert({3, 0});
  EXPECT_TRUE(map.empty());
  map.Insert({0, 10});
  map.Remove({5, 0});
  EXPECT_EQ(map.count(), 1u);
  EXPECT_TRUE(map.Covers({99, 0}));
}

TEST(ExtentMap, RemoveSplitsARangeThatReachesOverIt) {
  ExtentMap map;
  map.Insert({0, 30});
  map.Remove({10, 10});
  EXPECT_EQ(map.ranges(), (Ranges{{0, 10}, {20, 10}}));
  EXPECT_EQ(map.total(), 20u);
}

TEST(ExtentMap, RemoveTakesWholeRangesAndEdges) {
  ExtentMap map;
  map.Insert({0, 10});
  map.Insert({20, 10});
  map.Insert({40, 10});
  map.Remove({5, 40});
  EXPECT_EQ(map.ranges(), (Ranges{{0, 5}, {45, 5}}));
}

TEST(ExtentMap, RemoveFromCutsTheTail) {
  ExtentMap map;
  map.Insert({0, 10});
  map.Insert({20, 10});
  map.RemoveFrom(25);
  EXPECT_EQ(map.ranges(), (Ranges{{0, 10}, {20, 5}}));
  map.RemoveFrom(0);
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.total(), 0u);
}

TEST(ExtentMap, GapsAndPartsShareOutARange) {
  ExtentMap map;
  map.Insert({10, 10});
  map.Insert({30, 10});
  EXPECT_EQ(map.Gaps({0, 50}), (Ranges{{0, 10}, {20, 10}, {40, 10}}));
  EXPECT_EQ(map.Parts({15, 20}), (Ranges{{15, 5}, {30, 5}}));
  EXPECT_EQ(map.Gaps({12, 5}), Ranges{});
  EXPECT_EQ(map.Parts({20, 10}), Ranges{});
}

TEST(ExtentMap, ContiguousFromStopsAtTheFirstGap) {
  ExtentMap map;
  map.Insert({10, 10});
  map.Insert({21, 10});
  EXPECT_EQ(map.ContiguousFrom(10), 10u);
  EXPECT_EQ(map.ContiguousFrom(19), 1u);
  EXPECT_EQ(map.ContiguousFrom(20), 0u);
  EXPECT_EQ(map.ContiguousFrom(9), 0u);
}

// Every operation against a bitmap, the simplest thing that can be right.
TEST(ExtentMap, AgreesWithABitmap) {
  constexpr size_t kBytes = 200;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    ExtentMap map;
    std::array<bool, kBytes> bits{};
    for (int step = 0; step < 150; ++step) {
      const ByteCount offset = random.Next() % kBytes;
      const ByteRange range{offset, random.Next() % (kBytes - offset + 1) % 40};
      const bool insert = random.Next() % 2 == 0;
      for (ByteCount i = range.offset; i < range.end(); ++i) bits.at(i) = insert;
      if (insert) {
        map.Insert(range);
      } else {
        map.Remove(range);
      }

      const ByteCount from = random.Next() % kBytes;
      const ByteRange asked{from, random.Next() % (kBytes - from + 1)};
      std::array<int, kBytes> seen{};
      for (const ByteRange part : map.Parts(asked)) {
        for (ByteCount i = part.offset; i < part.end(); ++i) seen.at(i) += 1;
      }
      for (const ByteRange gap : map.Gaps(asked)) {
        for (ByteCount i = gap.offset; i < gap.end(); ++i) seen.at(i) += 2;
      }
      bool covered = true;
      ByteCount total = 0;
      for (ByteCount i = 0; i < kBytes; ++i) {
        const bool inside = i >= asked.offset && i < asked.end();
        ASSERT_EQ(seen.at(i), inside ? (bits.at(i) ? 1 : 2) : 0) << "byte " << i << " step " << step;
        covered = covered && (!inside || bits.at(i));
        total += bits.at(i) ? 1 : 0;
      }
      ASSERT_EQ(map.Covers(asked), covered);
      ASSERT_EQ(map.total(), total);
      const auto ranges = map.ranges();
      for (size_t i = 1; i < ranges.size(); ++i) ASSERT_GT(ranges[i].offset, ranges[i - 1].end());
    }
  }
}

}  // namespace
}  // namespace cosfuse
