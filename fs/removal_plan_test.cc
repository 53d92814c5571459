#include "fs/removal_plan.h"

#include <gtest/gtest.h>

#include <chrono>

#include "cos/limits.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(PlanRemovalLooks, NeighboursOfOneDirectoryAreLookedAtTogether) {
  const std::vector<ObjectKey> keys = {"a", "d/f10", "d/f11", "d/f19", "e/x"};
  EXPECT_EQ(PlanRemovalLooks(keys), (std::vector<RemovalLook>{
                                        {.prefix = "a", .start_after = "", .keys = {"a"}},
                                        {.prefix = "d/f1", .start_after = "", .keys = {"d/f10", "d/f11", "d/f19"}},
                                        {.prefix = "e/x", .start_after = "", .keys = {"e/x"}},
                                    }));
}

TEST(PlanRemovalLooks, BeginsRightBeforeTheFirstKey) {
  const auto looks = PlanRemovalLooks(std::vector<ObjectKey>{"d/abc", "d/b"});
  ASSERT_EQ(looks.size(), 1U);
  EXPECT_EQ(looks[0].prefix, "d/");
  EXPECT_EQ(looks[0].start_after, "d/ab");
}

TEST(PlanRemovalLooks, NoCharacterIsCutInHalf) {
  const auto looks = PlanRemovalLooks(std::vector<ObjectKey>{"d/x\xd0\x9f", "d/x\xd1\x80"});
  ASSERT_EQ(looks.size(), 1U);
  EXPECT_EQ(looks[0].prefix, "d/x");
  EXPECT_EQ(looks[0].start_after, "");
  EXPECT_EQ(PlanRemovalLooks(std::vector<ObjectKey>{"d/\xd0\x9f", "d/z\xd1\x80"})[0].prefix, "d/");
}

TEST(PlanRemovalLooks, NothingNeedsNoLook) { EXPECT_TRUE(PlanRemovalLooks({}).empty()); }

TEST(RemovalPlan, APageThatShowsHardlyAnythingIsNotFollowedByAnother) {
  EXPECT_TRUE(IsNextPageWorthIt(500, 500));
  EXPECT_TRUE(IsNextPageWorthIt(2, 2));
  EXPECT_FALSE(IsNextPageWorthIt(1, 500));
  EXPECT_FALSE(IsNextPageWorthIt(500, 1)) << "one is asked for itself";
  EXPECT_FALSE(IsNextPageWorthIt(500, 0));
}

TEST(RemovalPlan, BatchesAreSmallWhereTheStoreIsSlow) {
  EXPECT_EQ(NextRemovalBatch(1000, milliseconds(40)), kMaxKeysPerDelete);
  EXPECT_EQ(NextRemovalBatch(1000, seconds(20)), 250U);
  EXPECT_EQ(NextRemovalBatch(2, seconds(20)), 32U);
  EXPECT_EQ(NextRemovalBatch(5, milliseconds(40)), kMaxKeysPerDelete);
}

TEST(RemovalPlan, OnlyARefusalIsFinal) {
  EXPECT_TRUE(IsRemovalRefused(ErrorCode::kAccessDenied));
  EXPECT_TRUE(IsRemovalRefused(ErrorCode::kNotPermitted));
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kTimedOut, ErrorCode::kThrottled,
                               ErrorCode::kUnauthenticated, ErrorCode::kCancelled}) {
    EXPECT_FALSE(IsRemovalRefused(code));
  }
}

}  // namespace
}  // namespace cosfuse
