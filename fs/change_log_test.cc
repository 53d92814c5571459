#include "fs/change_log.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

ListedName File(std::string name) { return {.name = std::move(name)}; }

TEST(ChangeLog, Pitfall28_ChangeWhileAnAnswerIsOnItsWayIsSeen) {
  ChangeLog log;
  const auto since = log.Begin();
  EXPECT_FALSE(log.ChangedSince(since, "a"));
  log.Record("a", std::nullopt);
  EXPECT_TRUE(log.ChangedSince(since, "a"));
  EXPECT_FALSE(log.ChangedSince(since, "b"));
}

TEST(ChangeLog, AnswerThatBeganAfterTheChangeIsBelieved) {
  ChangeLog log;
  const auto earlier = log.Begin();
  log.Record("a", std::nullopt);
  const auto later = log.Begin();
  EXPECT_TRUE(log.ChangedSince(earlier, "a"));
  EXPECT_FALSE(log.ChangedSince(later, "a"));
}

TEST(ChangeLog, Pitfall28_ListingIsBroughtUpToDate) {
  ChangeLog log;
  log.Record("old", std::nullopt);
  const auto since = log.Begin();
  log.Record("made", File("made"));
  log.Record("removed", std::nullopt);
  log.Record("twice", std::nullopt);
  log.Record("twice", File("twice"));
  DirectoryListing listing;
  listing.Put(File("old"));
  listing.Put(File("removed"));
  log.ApplyTo(since, listing);
  EXPECT_NE(listing.Find("old"), nullptr);
  EXPECT_NE(listing.Find("made"), nullptr);
  EXPECT_NE(listing.Find("twice"), nullptr);
  EXPECT_EQ(listing.Find("removed"), nullptr);
}

TEST(ChangeLog, ForgetsWhenNobodyAsks) {
  ChangeLog log;
  const auto since = log.Begin();
  log.Record("a", std::nullopt);
  log.End(since);
  const auto next = log.Begin();
  DirectoryListing listing;
  listing.Put(File("a"));
  log.ApplyTo(0, listing);
  EXPECT_NE(listing.Find("a"), nullptr);
  EXPECT_FALSE(log.ChangedSince(next, "a"));
}

TEST(ChangeLog, BeyondItsBoundEverythingMayHaveChanged) {
  ChangeLog log;
  const auto since = log.Begin();
  for (size_t i = 0; i <= ChangeLog::kMostNames; ++i) log.Record(std::to_string(i), std::nullopt);
  EXPECT_TRUE(log.ChangedSince(since, "never touched"));
  EXPECT_FALSE(log.KnowsAllSince(since));
  const auto later = log.Begin();
  EXPECT_TRUE(log.KnowsAllSince(later));
  EXPECT_FALSE(log.ChangedSince(later, "never touched"));
}

}  // namespace
}  // namespace cosfuse
