#include "cache/read_ahead.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "base/random.h"

namespace cosfuse {
namespace {

constexpr ByteCount kSize = 4 * kGiB;
constexpr ByteCount kPlenty = kGiB;

// Reads [from, to) in steps of the kernel's size and returns the GETs that read-ahead made.
std::vector<ByteRange> ReadSequentially(ReadAhead& policy, ByteCount from, ByteCount to, ByteCount size,
                                        ByteCount memory = kPlenty) {
  std::vector<ByteRange> gets;
  for (ByteCount at = from; at < to; at += 128 * kKiB) {
    const auto plan = policy.OnRead({at, 128 * kKiB}, size, memory);
    for (const ByteRange get : SplitIntoGets(plan.ahead, ReadAheadLimits{}.get_size)) gets.push_back(get);
  }
  return gets;
}

TEST(ReadAhead, TheFirstReadAtTheStartOpensTheWindow) {
  ReadAhead policy;
  const auto plan = policy.OnRead({0, 128 * kKiB}, kSize, kPlenty);
  EXPECT_EQ(plan.demand, (ByteRange{0, 128 * kKiB}));
  EXPECT_EQ(plan.ahead, (ByteRange{0, kMiB}));
}

TEST(ReadAhead, ASmallFileIsFetchedWholeByItsFirstRead) {
  ReadAhead policy;
  EXPECT_EQ(policy.OnRead({0, 4096}, 700'000, kPlenty).ahead, (ByteRange{0, 700'000}));
}

TEST(ReadAhead, ARandomReadFetchesOnlyItsGranules) {
  ReadAhead policy;
  const auto plan = policy.OnRead({100 * kMiB + 5000, 4096}, kSize, kPlenty);
  EXPECT_EQ(plan.demand, (ByteRange{100 * kMiB, 64 * kKiB}));
  EXPECT_TRUE(plan.ahead.empty());
}

TEST(ReadAhead, RandomReadsOf4KiBMoveAtMostOneMiBEach) {
  ReadAhead policy;
  SeededRandom random(1);
  ByteCount moved = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto plan = policy.OnRead({random.Next() % (kSize / 4096) * 4096, 4096}, kSize, kPlenty);
    EXPECT_LE(plan.demand.length + plan.ahead.length, kMiB);
    moved += plan.demand.length + plan.ahead.length;
  }
  EXPECT_LT(moved, ByteCount{1000} * 128 * kKiB);
}

TEST(ReadAhead, SequentialReadsOfAllBytesAskForEachOnce) {
  ReadAhead policy;
  ByteCount at = 0;
  for (const ByteRange get : ReadSequentially(policy, 0, kGiB, kGiB)) {
    EXPECT_EQ(get.offset, at);
    at = get.end();
  }
  EXPECT_EQ(at, kGiB);
}

TEST(ReadAhead, SequentialReadsCostAboutOneGetForEach4MiB) {
  for (const ByteCount size : {3 * kMiB, 50 * kMiB, kGiB}) {
    ReadAhead policy;
    const auto gets = ReadSequentially(policy, 0, size, size);
    EXPECT_LE(gets.size(), size / (4 * kMiB) + std::bit_width(size)) << size;
  }
}

TEST(ReadAhead, TheWindowGrowsToItsLimitAndStaysThere) {
  ReadAhead policy;
  ByteCount furthest = 0;
  for (ByteCount at = 0; at < kGiB; at += 128 * kKiB) {
    const auto plan = policy.OnRead({at, 128 * kKiB}, kSize, kPlenty);
    if (!plan.ahead.empty()) furthest = std::max(furthest, plan.ahead.end() - at);
  }
  EXPECT_GE(furthest, 56 * kMiB);
  EXPECT_LE(furthest, 64 * kMiB + 128 * kKiB);
}

TEST(ReadAhead, AlwaysHasHalfAWindowOnItsWay) {
  ReadAhead policy;
  ByteCount requested = 0;
  for (ByteCount at = 0; at < kGiB; at += 128 * kKiB) {
    const auto plan = policy.OnRead({at, 128 * kKiB}, kSize, kPlenty);
    if (!plan.ahead.empty()) requested = plan.ahead.end();
    EXPECT_GE(requested, at + 128 * kKiB);
    const bool steady = at > 200 * kMiB;
    EXPECT_TRUE(!steady || requested >= at + 30 * kMiB);
  }
}

TEST(ReadAhead, LittleMemoryCapsTheWindow) {
  ReadAhead policy;
  for (ByteCount at = 0; at < 200 * kMiB; at += 128 * kKiB) {
    const auto plan = policy.OnRead({at, 128 * kKiB}, kSize, 2 * kMiB);
    EXPECT_LE(plan.ahead.length, 5 * kMiB);
  }
}

TEST(ReadAhead, ReadsALittleOutOfOrderStaySequential) {
  ReadAhead policy;
  ReadSequentially(policy, 0, 32 * kMiB, kSize);
  policy.OnRead({32 * kMiB + 256 * kKiB, 128 * kKiB}, kSize, kPlenty);
  policy.OnRead({32 * kMiB, 128 * kKiB}, kSize, kPlenty);
  policy.OnRead({32 * kMiB + 128 * kKiB, 128 * kKiB}, kSize, kPlenty);
  EXPECT_FALSE(ReadSequentially(policy, 33 * kMiB, 80 * kMiB, kSize).empty());
}

TEST(ReadAhead, AJumpClosesTheWindowAndReadingOnOpensItAgain) {
  ReadAhead policy;
  ReadSequentially(policy, 0, 64 * kMiB, kSize);
  const ByteCount far = 2 * kGiB;
  EXPECT_TRUE(policy.OnRead({far, 128 * kKiB}, kSize, kPlenty).ahead.empty());
  const auto plan = policy.OnRead({far + 128 * kKiB, 128 * kKiB}, kSize, kPlenty);
  EXPECT_EQ(plan.ahead.offset, far + 128 * kKiB);
  EXPECT_LE(plan.ahead.length, 2 * kMiB);
}

TEST(ReadAhead, NothingIsAskedForBeyondTheEnd) {
  ReadAhead policy;
  EXPECT_EQ(policy.OnRead({0, 128 * kKiB}, 1000, kPlenty).demand, (ByteRange{0, 1000}));
  EXPECT_TRUE(policy.OnRead({0, 128 * kKiB}, 1000, kPlenty).ahead.empty());
}

TEST(ReadAhead, AStretchIsReadAheadFromItsStartAndNotBeyondItsEnd) {
  ReadAheadLimits limits;
  limits.end = 40 * kMiB;
  ReadAhead policy(limits, 24 * kMiB);
  ByteCount at = 24 * kMiB;
  for (const ByteRange get : ReadSequentially(policy, 24 * kMiB, 40 * kMiB, kSize)) {
    EXPECT_EQ(get.offset, at);
    at = get.end();
  }
  EXPECT_EQ(at, 40 * kMiB);
}

TEST(SplitIntoGets, CutsAtMultiples) {
  EXPECT_EQ(SplitIntoGets({3 * kMiB, 14 * kMiB}, 8 * kMiB),
            (std::vector<ByteRange>{{3 * kMiB, 5 * kMiB}, {8 * kMiB, 8 * kMiB}, {16 * kMiB, kMiB}}));
  EXPECT_TRUE(SplitIntoGets({5, 0}, kMiB).empty());
}

}  // namespace
}  // namespace cosfuse
