#include "fs/directory_state.h"

#include <gtest/gtest.h>

#include <chrono>

namespace cosfuse {
namespace {

using std::chrono::seconds;

constexpr MonotonicTime kEmptyAt{seconds(10)};

DirectoryState EmptyDirectory() {
  DirectoryState state;
  RecordEmpty(state, kEmptyAt);
  return state;
}

PageShown WholePage(std::vector<ListedName> names) { return {.stretch = Stretch(), .names = std::move(names)}; }

TEST(DirectoryState, EmptyOneKnowsThatThereIsNoNameBesideItsOwn) {
  DirectoryState state = EmptyDirectory();
  EXPECT_EQ(AbsentAt(state, "f"), kEmptyAt);
  RecordName(state, "f", ListedName{.name = "f"}, WallTime());
  EXPECT_EQ(AbsentAt(state, "f"), std::nullopt);
  EXPECT_EQ(ListedAt(state, "f"), kEmptyAt);
  RecordName(state, "f", std::nullopt, WallTime());
  EXPECT_EQ(AbsentAt(state, "f"), kEmptyAt);
  RecordUnknown(state);
  EXPECT_EQ(AbsentAt(state, "f"), std::nullopt);
}

TEST(DirectoryState, ListingOfOurOwnNamesIsBounded) {
  DirectoryState state = EmptyDirectory();
  for (size_t i = 0; i < DirectoryListing::kMostNames; ++i) {
    const std::string name = std::to_string(i);
    RecordName(state, name, ListedName{.name = name}, WallTime());
  }
  EXPECT_EQ(CountListed(state), DirectoryListing::kMostNames);
  RecordName(state, "one more", ListedName{.name = "one more"}, WallTime());
  EXPECT_EQ(CountListed(state), 0U);
  EXPECT_EQ(AbsentAt(state, "another"), std::nullopt);
}

TEST(DirectoryState, PageLeavesWhatChangedMeanwhile) {
  DirectoryState state = EmptyDirectory();
  const auto since = state.changes.Begin();
  RecordName(state, "made", ListedName{.name = "made"}, WallTime());
  RecordName(state, "removed", std::nullopt, WallTime());
  RecordPage(state, WholePage({{.name = "removed"}, {.name = "theirs"}}), {{.name = "unsent"}}, kEmptyAt + seconds(1),
             since);
  for (const char* const name : {"made", "theirs", "unsent"}) EXPECT_EQ(AbsentAt(state, name), std::nullopt) << name;
  EXPECT_EQ(AbsentAt(state, "removed"), kEmptyAt + seconds(1));
  EXPECT_TRUE(state.listing_sorted);
}

TEST(DirectoryState, PageThatNobodyCanBringUpToDateTellsNothing) {
  DirectoryState state = EmptyDirectory();
  const auto since = state.changes.Begin();
  RecordUnknown(state);
  RecordPage(state, WholePage({}), {}, kEmptyAt + seconds(1), since);
  EXPECT_EQ(AbsentAt(state, "f"), std::nullopt);
}

TEST(DirectoryState, StretchesOfAnUnknownDirectoryAreNoWholeListing) {
  DirectoryState state;
  const PageShown page = {.stretch = StretchOfPrefix("f"), .names = {{.name = "f1"}}};
  RecordPage(state, page, {}, kEmptyAt, state.changes.Begin());
  EXPECT_EQ(state.listing_evidence, std::nullopt);
  EXPECT_EQ(AbsentAt(state, "f2"), kEmptyAt);
  EXPECT_EQ(AbsentAt(state, "f1"), std::nullopt);
  EXPECT_EQ(AbsentAt(state, "g"), std::nullopt);
  EXPECT_FALSE(state.listing_sorted);
}

TEST(DirectoryState, PageOutOfOrderEndsTheTrust) {
  DirectoryState state = EmptyDirectory();
  state.listing_sorted = true;
  RecordPage(state, {.stretch = std::nullopt, .names = {}, .sorted = false}, {}, kEmptyAt, state.changes.Begin());
  EXPECT_FALSE(state.listing_sorted);
  EXPECT_EQ(AbsentAt(state, "f"), kEmptyAt) << "what was known stays";
}

}  // namespace
}  // namespace cosfuse
