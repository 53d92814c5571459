#include "fs/removed_versions.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace cosfuse {
namespace {

constexpr WallTime kMade{std::chrono::seconds(7)};

TEST(IsRemoved, WholeSecondsCountBecauseAHeadHasNoOthers) {
  const JournaledRemoval removal = {.etag = {"a"}, .modified = kMade};
  EXPECT_TRUE(IsRemoved(removal, {"a"}, kMade + std::chrono::milliseconds(123), Duration(0)));
  EXPECT_TRUE(
      IsRemoved({.etag = {"a"}, .modified = kMade + std::chrono::milliseconds(123)}, {"a"}, kMade, Duration(0)));
  EXPECT_FALSE(IsRemoved(removal, {"a"}, kMade + std::chrono::seconds(1), Duration(0)));
}

TEST(IsRemoved, EqualBytesThatWereMadeAfterTheRemovalAreAnotherVersion) {
  const JournaledRemoval removal = {.etag = {"a"}, .removed_at = kMade};
  EXPECT_TRUE(IsRemoved(removal, {"a"}, kMade - std::chrono::hours(1), Duration(0)));
  EXPECT_TRUE(IsRemoved(removal, {"a"}, kMade + std::chrono::seconds(1), Duration(0)));
  EXPECT_FALSE(IsRemoved(removal, {"a"}, kMade + std::chrono::seconds(2), Duration(0)));
  // The store's clock is ten minutes fast: what it made before the removal has a later time.
  EXPECT_TRUE(IsRemoved(removal, {"a"}, kMade + std::chrono::minutes(9), std::chrono::minutes(10)));
  EXPECT_FALSE(IsRemoved(removal, {"a"}, kMade + std::chrono::minutes(11), std::chrono::minutes(10)));
  EXPECT_FALSE(IsRemoved(removal, {"b"}, kMade, Duration(0)));
}

TEST(ClockAhead, IsWhatTheDateOfAnAnswerSays) {
  EXPECT_EQ(ClockAhead(kMade, kMade - std::chrono::minutes(20)), std::chrono::minutes(20));
  EXPECT_EQ(ClockAhead(kMade, kMade + std::chrono::seconds(3)), std::chrono::seconds(-3));
  EXPECT_EQ(ClockAhead(WallTime(), kMade), std::chrono::minutes(1)) << "an answer without a Date";
}

TEST(RemovedVersions, AClockThatIsWrongHidesAllTheSame) {
  RemovedVersions removed;
  removed.Add("k", {.etag = {"a"}, .removed_at = kMade});
  const RemovedVersions::Question question(removed, kMade);
  const WallTime there = kMade + std::chrono::minutes(20);
  EXPECT_TRUE(question.Hides("k", {"a"}, there, there));
  EXPECT_FALSE(question.Hides("k", {"a"}, there + std::chrono::seconds(5), there)) << "made since";
}

TEST(RemovedVersions, OnlyTheVersionThatWasRemovedIsHidden) {
  RemovedVersions removed;
  removed.Add("k", {.etag = {"a"}, .modified = kMade});
  removed.Add("any", {.etag = {"a"}, .removed_at = kMade});
  const RemovedVersions::Question question(removed, kMade);
  EXPECT_TRUE(question.Hides("k", {"a"}, kMade, kMade));
  EXPECT_FALSE(question.Hides("k", {"b"}, kMade, kMade));
  EXPECT_FALSE(question.Hides("k", {"a"}, kMade + std::chrono::seconds(1), kMade)) << "equal bytes, made later";
  EXPECT_FALSE(question.Hides("other", {"a"}, kMade, kMade));
  EXPECT_TRUE(question.Hides("any", {"a"}, kMade + std::chrono::seconds(1), kMade));
}

TEST(RemovedVersions, WhatWasAskedBeforeTheEndDoesNotShowItAfterwards) {
  RemovedVersions removed;
  removed.Add("k", {.etag = {"a"}, .removed_at = kMade});
  std::optional<RemovedVersions::Question> early(std::in_place, removed, kMade);
  removed.End("k");
  std::optional<RemovedVersions::Question> late(std::in_place, removed, kMade);
  EXPECT_TRUE(early->Hides("k", {"a"}, kMade, kMade));
  EXPECT_FALSE(late->Hides("k", {"a"}, kMade, kMade));
  EXPECT_EQ(removed.size(), 1U);
  early.reset();
  EXPECT_EQ(removed.size(), 0U);
  late.reset();
  removed.End("k");
  EXPECT_EQ(removed.size(), 0U);
}

TEST(RemovedVersions, AKeyMayBeRemovedAgainWhileAnEarlierEndIsRemembered) {
  RemovedVersions removed;
  removed.Add("k", {.etag = {"a"}, .removed_at = kMade});
  std::optional<RemovedVersions::Question> early(std::in_place, removed, kMade);
  removed.End("k");
  removed.Add("k", {.etag = {"b"}, .removed_at = kMade});
  EXPECT_TRUE(early->Hides("k", {"a"}, kMade, kMade));
  EXPECT_TRUE(early->Hides("k", {"b"}, kMade, kMade));
  removed.End("k");
  early.reset();
  EXPECT_EQ(removed.size(), 0U);
}

TEST(RemovedVersions, CountsThoseBelowAPrefix) {
  RemovedVersions removed;
  for (const char* const key : {"a", "d/a", "d/b", "e"}) removed.Add(key, {.etag = {"a"}});
  EXPECT_EQ(removed.CountBelow("d/"), 2U);
  EXPECT_EQ(removed.CountBelow(""), 4U);
  EXPECT_EQ(removed.CountBelow("x"), 0U);
}

}  // namespace
}  // namespace cosfuse
