#include "cache/upload_plan.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace cosfuse {
namespace {

constexpr UploadLimits kLimits;

// What the store would check, and that no byte is sent twice or left out.
void ExpectAcceptable(ByteCount size, ByteCount part_size) {
  SCOPED_TRACE(testing::Message() << "size " << size << " part size " << part_size);
  const auto plan = PlanUpload(size, part_size);
  ASSERT_TRUE(plan);
  if (plan->single()) {
    EXPECT_LE(size, kLimits.largest_part);
    return;
  }
  ASSERT_LE(plan->parts.size(), kLimits.most_parts);
  ASSERT_GE(plan->parts.size(), 2u);
  ByteCount at = 0;
  for (size_t i = 0; i < plan->parts.size(); ++i) {
    const ByteRange part = plan->parts[i];
    ASSERT_EQ(part.offset, at);
    ASSERT_FALSE(part.empty());
    ASSERT_LE(part.length, kLimits.largest_part);
    const bool last = i + 1 == plan->parts.size();
    ASSERT_TRUE(last || part.length >= kLimits.smallest_part);
    at = part.end();
  }
  ASSERT_EQ(at, size);
}

TEST(UploadPlan, AnEmptyFileIsOneRequest) { EXPECT_TRUE(PlanUpload(0, 20 * kMiB)->single()); }

TEST(UploadPlan, UpToThePartSizeItIsOneRequest) {
  EXPECT_TRUE(PlanUpload(20 * kMiB, 20 * kMiB)->single());
  EXPECT_EQ(PlanUpload(20 * kMiB + 1, 20 * kMiB)->parts, (std::vector<ByteRange>{{0, 20 * kMiB}, {20 * kMiB, 1}}));
}

TEST(UploadPlan, PartSizesAreMultiplesOf4MiB) {
  EXPECT_EQ(PlanUpload(100 * kMiB, 21 * kMiB)->parts.front().length, 24 * kMiB);
  EXPECT_EQ(PlanUpload(100 * kMiB, 1)->parts.front().length, 8 * kMiB);
}

TEST(UploadPlan, PartsGrowWithTheObject) {
  EXPECT_EQ(PlanUpload(200'000 * kMiB, 20 * kMiB)->parts.size(), 10'000u);
  const auto plan = PlanUpload(200'000 * kMiB + 1, 20 * kMiB);
  EXPECT_EQ(plan->parts.front().length, 24 * kMiB);
  EXPECT_LE(PlanUpload(kLargestObject, 20 * kMiB)->parts.size(), 10'000u);
}

TEST(UploadPlan, BeyondTheLargestObjectIsTooLarge) {
  const auto plan = PlanUpload(kLargestObject + 1, 20 * kMiB);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code(), ErrorCode::kTooLarge);
}

TEST(UploadPlan, Pitfall3_LimitsHoldAroundEveryBoundary) {
  for (const ByteCount part : {5 * kMiB, 8 * kMiB, 20 * kMiB, 100 * kMiB, 5 * kGiB}) {
    for (const ByteCount unit : {5 * kMiB, part}) {
      for (const ByteCount k : {0u, 1u, 2u, 3u, 9'999u, 10'000u, 10'001u}) {
        for (const int delta : {-1, 0, 1}) {
          const ByteCount size = k * unit + static_cast<ByteCount>(delta);
          if (size <= kLargestObject) ExpectAcceptable(size, part);
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

}  // namespace
}  // namespace cosfuse
