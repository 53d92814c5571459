#include "fs/freshness.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MonotonicTime kStart{seconds(100)};

TEST(Freshness, LifetimeIsTheTtlLessTheAge) {
  EXPECT_EQ(RemainingLifetime(kStart, kStart, seconds(1)), seconds(1));
  EXPECT_EQ(RemainingLifetime(kStart, kStart + milliseconds(300), seconds(1)), milliseconds(700));
  EXPECT_EQ(RemainingLifetime(kStart, kStart + seconds(1), seconds(1)), Duration(0));
  EXPECT_EQ(RemainingLifetime(kStart, kStart + seconds(9), seconds(1)), Duration(0));
}

TEST(Freshness, WithoutEvidenceNothingIsFresh) {
  EXPECT_EQ(RemainingLifetime(std::nullopt, kStart, Duration::max()), Duration(0));
  EXPECT_FALSE(IsFresh(std::nullopt, kStart, Duration::max()));
}

TEST(Freshness, ZeroTtlIsNeverFresh) { EXPECT_FALSE(IsFresh(kStart, kStart, Duration(0))); }

TEST(Freshness, EvidenceFromALaterMomentCountsAsNew) {
  EXPECT_EQ(RemainingLifetime(kStart + seconds(5), kStart, seconds(1)), seconds(1));
}

TEST(Freshness, UnlimitedTtlIsFreshForEver) {
  EXPECT_TRUE(IsFresh(kStart, kStart + std::chrono::hours(100'000), Duration::max()));
}

struct OpenRow {
  OpenFacts facts;
  OpenCheck check;
};

TEST(Freshness, OpenChecksFollowTheTable) {
  const ByteCount big = kWholeReadLimit + 1;
  const OpenRow rows[] = {
      // Large, or opened for writing: a HEAD unless proven.
      {{.reads_only = true, .size = big}, OpenCheck::kHead},
      {{.fresh = true, .reads_only = true, .size = big}, OpenCheck::kNone},
      {{.just_looked_up = true, .reads_only = true, .size = big}, OpenCheck::kNone},
      {{.reads_only = true, .content_at_hand = true, .size = big}, OpenCheck::kHead},
      {{.size = 10}, OpenCheck::kHead},
      {{.content_at_hand = true, .size = 10}, OpenCheck::kHead},
      {{.fresh = true, .size = 10}, OpenCheck::kNone},
      {{.just_looked_up = true, .size = 10}, OpenCheck::kNone},
      // Small, for reading: one GET brings proof and bytes.
      {{.reads_only = true, .size = kWholeReadLimit}, OpenCheck::kGetWhole},
      {{.fresh = true, .reads_only = true, .size = 10}, OpenCheck::kGetWhole},
      {{.just_looked_up = true, .reads_only = true, .size = 10}, OpenCheck::kGetWhole},
      {{.reads_only = true, .content_at_hand = true, .size = 10}, OpenCheck::kGetIfChanged},
      {{.fresh = true, .reads_only = true, .content_at_hand = true, .size = 10}, OpenCheck::kNone},
      {{.just_looked_up = true, .reads_only = true, .content_at_hand = true, .size = 10}, OpenCheck::kNone},
      // Nothing to fetch of an empty object.
      {{.fresh = true, .reads_only = true}, OpenCheck::kNone},
      {{.reads_only = true}, OpenCheck::kGetWhole},
      // Bytes of ours that are not sent yet, or a writer here.
      {{.local_authority = true, .reads_only = true, .size = 10}, OpenCheck::kNone},
      {{.local_authority = true, .size = big}, OpenCheck::kNone},
  };
  for (size_t i = 0; i < std::size(rows); ++i) {
    EXPECT_EQ(DecideOpenCheck(rows[i].facts), rows[i].check) << "row " << i;
  }
}

TEST(Freshness, NodeThatWasOpenedIsReplacedByANewVersion) {
  EXPECT_EQ(DecideVersionMove({.used = true}), VersionMove::kReplace);
  EXPECT_EQ(DecideVersionMove({}), VersionMove::kMoveInPlace);
  EXPECT_EQ(DecideVersionMove({.same_version = true, .used = true}), VersionMove::kConfirm);
  EXPECT_EQ(DecideVersionMove({.same_version = true}), VersionMove::kConfirm);
}

TEST(Freshness, LookupNeverOverrulesWritersOrYoungerEvidence) {
  EXPECT_EQ(DecideVersionMove({.local_authority = true, .used = true}), VersionMove::kKeep);
  EXPECT_EQ(DecideVersionMove({.local_authority = true}), VersionMove::kKeep);
  EXPECT_EQ(DecideVersionMove({.newer_evidence = true, .used = true}), VersionMove::kKeep);
}

}  // namespace
}  // namespace cosfuse
