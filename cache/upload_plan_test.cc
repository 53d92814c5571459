#include "cache/upload_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace cosfuse {
namespace {

constexpr UploadLimits kLimits;
using enum PlannedPart::Source;

// What the store would check, and that no byte is sent twice, left out, or copied where it has changed.
void ExpectAcceptablePlan(const UploadTask& task, const UploadLimits& limits = kLimits) {
  SCOPED_TRACE(testing::Message() << "size " << task.size << " part size " << task.part_size << " kept ranges "
                                  << task.kept.ranges.size() << " early parts " << task.early.size());
  const auto plan = PlanUpload(task, limits);
  ASSERT_TRUE(plan);
  if (plan->single()) {
    ASSERT_LE(task.size, limits.largest_part);
    ASSERT_TRUE(task.early.empty());
    return;
  }
  ByteCount at = 0;
  int number = 0;
  for (const PlannedPart& part : plan->parts) {
    ASSERT_EQ(part.range.offset, at);
    ASSERT_GT(part.number, number);
    ASSERT_FALSE(part.range.empty());
    ASSERT_LE(part.range.length, limits.largest_part);
    const bool last = part.range.end() == task.size;
    ASSERT_TRUE(last || part.range.length >= limits.smallest_part) << part.range.offset << "+" << part.range.length;
    if (part.source == kCopy) {
      ASSERT_TRUE(std::ranges::any_of(task.kept.ranges, [&](ByteRange kept) { return kept.Contains(part.range); }));
    }
    if (part.source == kAlreadySent) {
      ASSERT_TRUE(std::ranges::any_of(task.early, [&](const EarlyPart& early) {
        return early.number == part.number && early.range == part.range && !early.stale;
      }));
    }
    at = part.range.end();
    number = part.number;
  }
  ASSERT_EQ(at, task.size);
  ASSERT_LE(number, static_cast<int>(limits.most_parts));
}

void ExpectAcceptable(ByteCount size, ByteCount part_size) {
  ExpectAcceptablePlan({.size = size, .part_size = part_size});
}

UploadPlan PlanOf(const UploadTask& task) { return PlanUpload(task).value_or(UploadPlan()); }

ByteCount BytesOf(const UploadPlan& plan, PlannedPart::Source source) {
  ByteCount bytes = 0;
  for (const PlannedPart& part : plan.parts) bytes += part.source == source ? part.range.length : 0;
  return bytes;
}

// Everything is kept but the changed ranges.
UploadTask Edited(ByteCount base_size, ByteCount size, const std::vector<ByteRange>& changed) {
  UploadTask task{.size = size};
  ByteCount at = 0;
  const ByteCount end = std::min(base_size, size);
  for (const ByteRange range : changed) {
    const auto kept = ByteRange::FromTo(at, std::min(range.offset, end));
    if (!kept.empty()) task.kept.ranges.push_back(kept);
    at = range.end();
  }
  if (at < end) task.kept.ranges.push_back(ByteRange::FromTo(at, end));
  for (const ByteRange range : task.kept.ranges) task.kept.missing += range.length;
  return task;
}

TEST(UploadPlan, AnEmptyFileIsOneRequest) { EXPECT_TRUE(PlanUpload({.size = 0})->single()); }

TEST(UploadPlan, UpToThePartSizeItIsOneRequest) {
  EXPECT_TRUE(PlanUpload({.size = 20 * kMiB})->single());
  EXPECT_EQ(PlanUpload({.size = 20 * kMiB + 1})->parts,
            (std::vector<PlannedPart>{{kSend, 1, {0, 20 * kMiB}}, {kSend, 2, {20 * kMiB, 1}}}));
}

TEST(UploadPlan, PartSizesAreMultiplesOf4MiB) {
  EXPECT_EQ(PlanUpload({.size = 100 * kMiB, .part_size = 21 * kMiB})->parts.front().range.length, 24 * kMiB);
  EXPECT_EQ(PlanUpload({.size = 100 * kMiB, .part_size = 1})->parts.front().range.length, 8 * kMiB);
}

TEST(UploadPlan, PartsGrowWithTheObject) {
  EXPECT_EQ(PlanUpload({.size = 100'000 * kMiB})->parts.front().range.length, 20 * kMiB);
  EXPECT_EQ(PlanUpload({.size = 100'001 * kMiB})->parts.front().range.length, 24 * kMiB);
  EXPECT_LE(PlanUpload({.size = kLargestObject})->parts.size(), 10'000u);
}

TEST(UploadPlan, BeyondTheLargestObjectIsTooLarge) {
  const auto plan = PlanUpload({.size = kLargestObject + 1});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code(), ErrorCode::kTooLarge);
}

TEST(UploadPlan, ASmallEditOfALargeObjectSendsOneSmallestPart) {
  const auto plan = PlanOf(Edited(kGiB, kGiB, {{500 * kMiB + 7, 4096}}));
  EXPECT_EQ(BytesOf(plan, kSend), 5 * kMiB);
  EXPECT_EQ(BytesOf(plan, kCopy), kGiB - 5 * kMiB);
  EXPECT_EQ(plan.parts.size(), 6u);  // Two and three copies around it, side by side.
}

TEST(UploadPlan, AnAppendSendsWhatWasAppended) {
  const auto plan = PlanOf(Edited(kGiB, kGiB + kMiB, {{kGiB, kMiB}}));
  EXPECT_EQ(plan.parts.back(), (PlannedPart{kSend, 5, {kGiB, kMiB}}));
  EXPECT_EQ(BytesOf(plan, kCopy), kGiB);
}

TEST(UploadPlan, ATruncationSendsNothing) {
  EXPECT_EQ(BytesOf(PlanOf(Edited(kGiB, kGiB / 2, {})), kSend), 0u);
  EXPECT_EQ(PlanOf(Edited(kGiB, 6 * kMiB, {})).parts, (std::vector<PlannedPart>{{kCopy, 1, {0, 6 * kMiB}}}));
}

TEST(UploadPlan, AnEditNearTheStartTakesTheStartAlong) {
  const auto plan = PlanOf(Edited(kGiB, kGiB, {{3 * kMiB, 1}}));
  EXPECT_EQ(plan.parts.front(), (PlannedPart{kSend, 1, {0, 5 * kMiB}}));
}

TEST(UploadPlan, EditsCloseToEachOtherShareAPart) {
  const auto plan = PlanOf(Edited(kGiB, kGiB, {{100 * kMiB, 1}, {104 * kMiB, 1}, {108 * kMiB, kMiB}, {200 * kMiB, 1}}));
  EXPECT_EQ(BytesOf(plan, kSend), 9 * kMiB + 5 * kMiB);
}

TEST(UploadPlan, BytesAtHandAreWorthOneRequest) {
  UploadTask task = Edited(15 * kMiB, 15 * kMiB, {{kMiB, 1}});
  EXPECT_FALSE(PlanUpload(task)->single());
  task.kept.missing = 5 * kMiB - 1;
  EXPECT_TRUE(PlanUpload(task)->single());
}

TEST(UploadPlan, WhatHasLeftIsNotSentAgainButWhereItIsStale) {
  const UploadTask task{.size = 50 * kMiB, .early = {{1, {0, 20 * kMiB}, false}, {2, {20 * kMiB, 20 * kMiB}, true}}};
  EXPECT_EQ(PlanUpload(task)->parts, (std::vector<PlannedPart>{{kAlreadySent, 1, {0, 20 * kMiB}},
                                                               {kSend, 2, {20 * kMiB, 20 * kMiB}},
                                                               {kSend, 3, {40 * kMiB, 10 * kMiB}}}));
}

TEST(UploadPlan, WhatIsBeforeTheEarlyPartsIsCopied) {
  UploadTask task = Edited(kGiB, kGiB + 20 * kMiB, {{kGiB, 20 * kMiB}});
  const int first = FirstEarlyPartNumber(kGiB);
  task.early = {{first, {kGiB, 20 * kMiB}, false}};
  const auto plan = PlanOf(task);
  EXPECT_EQ(BytesOf(plan, kSend), 0u);
  EXPECT_EQ(plan.parts.back().number, first);
  ExpectAcceptablePlan(task);
}

TEST(UploadPlan, Pitfall3_LimitsHoldAroundEveryBoundary) {
  for (const ByteCount part : {5 * kMiB, 8 * kMiB, 20 * kMiB, 100 * kMiB, 4 * kGiB}) {
    for (const ByteCount unit : {5 * kMiB, part}) {
      for (const ByteCount k : {0u, 1u, 2u, 3u, 9'999u, 10'000u, 10'001u}) {
        for (const int delta : {-1, 0, 1}) {
          const ByteCount size = k * unit + static_cast<ByteCount>(delta);
          if (size > kLargestObject) continue;
          ExpectAcceptable(size, part);
          // Everything but the last byte, the first byte, and a byte at the boundary before.
          ExpectAcceptablePlan(Edited(size, size, {ByteRange::FromTo(size - std::min<ByteCount>(size, 1), size)}));
          if (size > unit) ExpectAcceptablePlan(Edited(size, size, {{0, 1}, {size - unit, 1}}));
          ExpectAcceptablePlan(Edited(size, size + unit, {{size, unit}}));
        }
      }
    }
  }
}

TEST(UploadPlan, Pitfall3_LimitsHoldForRandomSizes) {
  SeededRandom random(3);
  for (int i = 0; i < 500; ++i) {
    const ByteCount size = random.Next() % (uint64_t{1} << (random.Next() % 43 + 1));
    ExpectAcceptable(size, random.Next() % (200 * kMiB));
  }
}

// Small limits make the scarce numbers and the short parts frequent.
TEST(UploadPlan, Pitfall3_LimitsHoldForRandomEditsAndEarlyParts) {
  constexpr UploadLimits kSmall{
      .smallest_part = 5, .largest_part = 5000, .most_parts = 100, .largest_object = 100'000, .part_multiple = 4};
  SeededRandom random(5);
  for (int i = 0; i < 20'000; ++i) {
    const ByteCount base = random.Next() % 20'000;
    const ByteCount size = random.Next() % 4 == 0 ? random.Next() % 20'000 : base;
    std::vector<ByteRange> changed;
    for (ByteCount at = random.Next() % 2000; at < size; at += random.Next() % 2000) {
      const ByteCount length = 1 + random.Next() % (random.Next() % 2 == 0 ? 4 : 1000);
      const auto range = ByteRange{at, length}.Intersect({0, size});
      if (!range.empty()) changed.push_back(range);
      at += length;
    }
    UploadTask task = Edited(base, size, changed);
    if (size > base) task.kept = Edited(base, base, changed).kept;
    task.part_size = 20;
    if (random.Next() % 2 == 0) {
      const PartSchedule schedule(task.part_size, kSmall);
      ByteCount at = random.Next() % 3 == 0 ? 0 : 5 + random.Next() % 3000;
      const int first = FirstEarlyPartNumber(at, kSmall);
      for (uint64_t k = 0; k < random.Next() % 60 && at + schedule.LengthOf(k) <= size; ++k) {
        task.early.push_back({first + static_cast<int>(k), {at, schedule.LengthOf(k)}, random.Next() % 4 == 0});
        at += schedule.LengthOf(k);
      }
    }
    ExpectAcceptablePlan(task, kSmall);
    if (testing::Test::HasFatalFailure()) FAIL() << "round " << i;
  }
}

TEST(PartSchedule, TenThousandPartsHoldTheLargestObject) {
  for (const ByteCount first : {ByteCount{1}, 8 * kMiB, 20 * kMiB, kGiB, kTiB}) {
    const PartSchedule schedule(first);
    ByteCount total = 0;
    // What is before early parts takes a quarter of the numbers, what is behind them a twentieth.
    for (uint64_t i = 0; i < 7000; ++i) {
      ASSERT_GE(schedule.LengthOf(i), kLimits.smallest_part);
      ASSERT_LE(schedule.LengthOf(i), kLimits.largest_part);
      total += schedule.LengthOf(i);
    }
    EXPECT_GE(total, kLargestObject) << first;
  }
}

TEST(PartSchedule, TheFirstPartsAreAsLongAsWanted) {
  const PartSchedule schedule(20 * kMiB);
  EXPECT_EQ(schedule.LengthOf(0), 20 * kMiB);
  EXPECT_EQ(schedule.LengthOf(499), 20 * kMiB);
  EXPECT_EQ(schedule.LengthOf(500), 40 * kMiB);
}

}  // namespace
}  // namespace cosfuse
