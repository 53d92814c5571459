#include "fs/page_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace cosfuse {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

constexpr MonotonicTime kLookTime{seconds(100)};

/// `prefix` and a number of five digits, from 0 on.
std::string Numbered(const std::string& prefix, int number) {
  return prefix + std::to_string(100'000 + number).substr(1);
}

DirectoryListing ListingOf(const std::string& prefix, int count) {
  DirectoryListing listing;
  for (int i = 0; i < count; ++i) listing.Put({.name = Numbered(prefix, i)});
  return listing;
}

TEST(PlanPageLook, IsWorthItForAnAbsentNameOfAListedDirectoryOrARowOfThem) {
  const DirectoryListing listing;
  struct Row {
    bool absence;
    bool proof;
    bool whole;
    bool in_a_row;
    bool looks;
  };
  const std::vector<Row> rows = {
      {.absence = true, .proof = false, .whole = true, .in_a_row = false, .looks = true},
      {.absence = true, .proof = false, .whole = false, .in_a_row = true, .looks = true},
      {.absence = true, .proof = false, .whole = false, .in_a_row = false, .looks = false},
      {.absence = false, .proof = true, .whole = true, .in_a_row = false, .looks = true},
      {.absence = false, .proof = true, .whole = false, .in_a_row = true, .looks = false},
      {.absence = false, .proof = false, .whole = true, .in_a_row = true, .looks = false},
  };
  for (const Row& row : rows) {
    LookFacts facts = {.component = "x", .expects_absence = row.absence, .expects_proof = row.proof};
    facts.listing = row.whole ? &listing : nullptr;
    facts.listed_whole = row.whole;
    facts.absences_in_a_row = row.in_a_row;
    EXPECT_EQ(PlanPageLook(facts, {}).has_value(), row.looks);
    EXPECT_EQ(PlanPageLook(facts, {.under_way = true}), std::nullopt) << "one at a time";
    EXPECT_EQ(PlanPageLook(facts, {.refused = true}), std::nullopt) << "the role may not";
  }
}

TEST(PlanPageLook, UnknownDirectoryMayBeSmall) {
  const LookFacts facts = {.component = "file-2", .expects_absence = true, .absences_in_a_row = true};
  EXPECT_EQ(PlanPageLook(facts, {.last_absent = "file-1"}), PageLook());
}

TEST(PlanPageLook, LargeDirectoryIsLookedAtWhereTheRowOfNamesIs) {
  struct Row {
    std::string component;
    std::string last_absent;
    size_t least_prefix;
    std::string prefix;
  };
  const std::vector<Row> rows = {
      {"file-0012", "file-0011", 1, "file-001"},
      {"file-0020", "file-0019", 1, "file-00"},
      {"b", "a", 1, "b"},
      {"abcdef", "xyz", 3, "abc"},
      {"ab", "xyz", 3, "ab"},
  };
  for (const Row& row : rows) {
    const LookFacts facts = {.component = row.component, .expects_absence = true, .absences_in_a_row = true};
    const auto look = PlanPageLook(facts, {.last_absent = row.last_absent, .least_prefix = row.least_prefix});
    ASSERT_TRUE(look);
    EXPECT_EQ(look->prefix, row.prefix);
    EXPECT_EQ(look->start_after, "");
  }
}

TEST(PlanPageLook, PrefixIsAsLongAsItTakesForAPageToHoldTheKnownNames) {
  struct Row {
    int names;
    std::string component;
    std::string prefix;
  };
  const std::vector<Row> rows = {
      {900, "f00100", ""}, {901, "f00100", "f001"}, {1000, "g", "g"}, {5000, "f01500x", "f015"}, {50'000, "f1", "f1"},
  };
  for (const Row& row : rows) {
    const DirectoryListing listing = ListingOf("f", row.names);
    LookFacts facts = {.component = row.component, .expects_absence = true, .listing = &listing};
    facts.listed_whole = true;
    const auto look = PlanPageLook(facts, {});
    ASSERT_TRUE(look);
    EXPECT_EQ(look->prefix, row.prefix) << row.names << " " << row.component;
  }
}

TEST(PlanPageLook, PrefixEndsWithAWholeCharacter) {
  LookFacts facts = {.component = "\xd0\x9f\xd1\x80", .expects_absence = true, .absences_in_a_row = true};
  LookMemory memory;
  memory.least_prefix = 1;
  const auto look = PlanPageLook(facts, memory);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->prefix, "\xd0\x9f");
}

TEST(PlanPageLook, InOrderAPageBeginsABitBeforeTheName) {
  DirectoryListing listing = ListingOf("f", 5000);
  LookFacts facts = {.component = "f02000x", .expects_absence = true, .listing = &listing};
  facts.listed_whole = true;
  facts.sorted = true;
  facts.since = kLookTime;
  EXPECT_EQ(PlanPageLook(facts, {}), (PageLook{.prefix = "", .start_after = "f01501"}));
  facts.component = "f00100";
  EXPECT_EQ(PlanPageLook(facts, {}), PageLook());
  // What has just been shown is not asked for again.
  listing.PutStretch(StretchOfPrefix("f019"), kLookTime + seconds(1), {{.name = "f01999"}});
  facts.component = "f02000x";
  EXPECT_EQ(PlanPageLook(facts, {}), (PageLook{.prefix = "", .start_after = "f01999"}));
}

TEST(PlanPageLook, SmallListedDirectoryIsLookedAtAsAWhole) {
  const DirectoryListing listing = ListingOf("f", 900);
  LookFacts facts = {.component = "z", .expects_absence = true, .listing = &listing};
  facts.listed_whole = true;
  facts.sorted = true;
  EXPECT_EQ(PlanPageLook(facts, {}), PageLook());
}

TEST(PlanPageLook, NameWithTooManyBetweenItAndItsPrefixIsAskedForAlone) {
  const DirectoryListing listing = ListingOf("log.", 2000);
  LookFacts facts = {.component = "log", .expects_absence = true, .listing = &listing};
  facts.listed_whole = true;
  facts.sorted = true;
  EXPECT_EQ(PlanPageLook(facts, {}), std::nullopt);
}

ListPage LookPage(std::vector<ObjectKey> keys, std::vector<std::string> prefixes = {}, std::string next_token = {}) {
  ListPage page;
  for (ObjectKey& key : keys) page.objects.emplace_back().key = std::move(key);
  page.common_prefixes = std::move(prefixes);
  page.next_token = std::move(next_token);
  return page;
}

TEST(InterpretPage, OnlyPageIsAllOfItsPrefixInWhateverOrder) {
  const PageShown shown = InterpretPage("d/", {.prefix = "f", .start_after = {}}, LookPage({"d/f2", "d/f1"}), false);
  EXPECT_EQ(shown.stretch, StretchOfPrefix("f"));
  EXPECT_FALSE(shown.sorted);
  EXPECT_EQ(shown.names.size(), 2U);
  EXPECT_EQ(InterpretPage("d/", {}, LookPage({"d/"}), false).stretch, Stretch());
}

TEST(InterpretPage, PageThatIsNotTheLastTellsNothingWithoutOrder) {
  const ListPage page = LookPage({"d/a", "d/b"}, {}, "more");
  EXPECT_EQ(InterpretPage("d/", {}, page, false).stretch, std::nullopt);
  EXPECT_EQ(InterpretPage("d/", {}, page, true).stretch, (Stretch{.from = "", .end = std::string("b") + '\0'}));
  EXPECT_EQ(InterpretPage("d/", {}, LookPage({"d/b", "d/a"}, {}, "more"), true).stretch, std::nullopt);
  EXPECT_EQ(InterpretPage("d/", {}, LookPage({}, {}, "more"), true).stretch, std::nullopt);
  EXPECT_EQ(InterpretPage("d/", {}, LookPage({"d/"}, {}, "more"), true).stretch, std::nullopt);
}

TEST(InterpretPage, Pitfall29_WhatMayBeAnOldMarkerIsAskedForAlone) {
  ListPage page = LookPage({"d/foo"}, {"d/foo/"});
  EXPECT_EQ(InterpretPage("d/", {}, page, false).stretch, std::nullopt);
  page.objects.front().size = 1;
  EXPECT_EQ(InterpretPage("d/", {}, page, false).stretch, Stretch());
}

TEST(InterpretPage, EndsBehindItsLastKeyOrPrefix) {
  const PageShown shown = InterpretPage("d/", {}, LookPage({"d/a"}, {"d/foo/"}, "more"), true);
  EXPECT_EQ(shown.stretch, (Stretch{.from = "", .end = std::string("foo/") + '\0'}));
}

TEST(InterpretPage, BeginsBehindTheNameThatItWasToStartAfter) {
  const PageLook look = {.prefix = {}, .start_after = "b"};
  EXPECT_EQ(InterpretPage("d/", look, LookPage({"d/c"}), true).stretch,
            (Stretch{.from = std::string("b") + '\0', .end = std::nullopt}));
  EXPECT_EQ(InterpretPage("d/", look, LookPage({"d/c"}), false).stretch, std::nullopt);
  const PageShown violated = InterpretPage("d/", look, LookPage({"d/a", "d/c"}), true);
  EXPECT_EQ(violated.stretch, std::nullopt) << "the store means something else by it";
  EXPECT_FALSE(violated.sorted);
  const PageShown own_prefix = InterpretPage("d/", look, LookPage({"d/c"}, {"d/b/"}), true);
  EXPECT_TRUE(own_prefix.stretch.has_value()) << "b/ is behind b";
}

TEST(InterpretPage, Pitfall29_PrefixHasTheNameWhateverElseIsThere) {
  const PageShown shown = InterpretPage("", {}, LookPage({"foo"}, {"foo/"}), false);
  std::vector<std::string> names;
  names.reserve(shown.names.size());
  for (const ListedName& name : shown.names) names.push_back(name.name + (name.is_directory ? "/" : ""));
  EXPECT_THAT(names, ElementsAre("foo/", "foo%file"));
}

}  // namespace
}  // namespace cosfuse
