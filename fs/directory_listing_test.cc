#include "fs/directory_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MonotonicTime ListedAtSecond(int second) { return MonotonicTime(std::chrono::seconds(second)); }

std::vector<ListedName> FilesNamed(std::vector<std::string> names) {
  std::vector<ListedName> files;
  files.reserve(names.size());
  for (std::string& name : names) files.push_back({.name = std::move(name)});
  return files;
}

std::vector<std::string> NamesIn(const DirectoryListing& listing) {
  std::vector<std::string> names;
  names.reserve(listing.names().size());
  for (const auto& [position, listed] : listing.names()) names.push_back(listed.name);
  return names;
}

TEST(DirectoryListing, StretchReplacesWhatItShowsAndNothingElse) {
  DirectoryListing listing;
  for (ListedName& name : FilesNamed({"a", "b1", "b2", "c"})) listing.Put(std::move(name));
  EXPECT_TRUE(listing.PutStretch(StretchOfPrefix("b"), ListedAtSecond(1), FilesNamed({"b2", "b3"})));
  EXPECT_THAT(NamesIn(listing), ElementsAre("a", "b2", "b3", "c"));
  EXPECT_EQ(listing.ShownAt("b1"), ListedAtSecond(1));
  EXPECT_EQ(listing.ShownAt("a"), std::nullopt);
}

TEST(DirectoryListing, OlderAnswerChangesNothing) {
  DirectoryListing listing;
  EXPECT_TRUE(listing.PutStretch(StretchOfPrefix("b"), ListedAtSecond(2), FilesNamed({"b"})));
  EXPECT_FALSE(listing.PutStretch(Stretch(), ListedAtSecond(1), {}));
  EXPECT_THAT(NamesIn(listing), ElementsAre("b"));
  EXPECT_TRUE(listing.PutStretch(Stretch(), ListedAtSecond(2), {}));
  EXPECT_THAT(NamesIn(listing), IsEmpty());
}

TEST(DirectoryListing, Pitfall29_NameWhosePrefixIsBehindTheEndStaysAsItWas) {
  DirectoryListing listing;
  listing.Put({.name = "foo", .is_directory = true});
  const Stretch stretch = {.from = "a", .end = std::string("foo-bar") + '\0'};
  EXPECT_TRUE(listing.PutStretch(stretch, ListedAtSecond(1), FilesNamed({"b", "foo", "foo-bar"})));
  ASSERT_NE(listing.Find("foo"), nullptr);
  EXPECT_TRUE(listing.Find("foo")->is_directory) << "the page ended before foo/";
  EXPECT_EQ(listing.ShownAt("foo"), std::nullopt);
  EXPECT_EQ(listing.Find("foo-bar"), nullptr);
  EXPECT_EQ(listing.ShownAt("b"), ListedAtSecond(1));
}

TEST(DirectoryListing, ObjectBesideADirectoryStandsWithIt) {
  DirectoryListing listing;
  listing.Put({.name = "foo", .is_directory = true});
  EXPECT_FALSE(listing.HasBeside("foo"));
  listing.Put({.name = "foo%file"});
  EXPECT_TRUE(listing.HasBeside("foo"));
  EXPECT_TRUE(listing.PutStretch(StretchOfPrefix("foo"), ListedAtSecond(1), {}));
  EXPECT_THAT(NamesIn(listing), IsEmpty());
  EXPECT_EQ(listing.ShownAt("foo%file"), ListedAtSecond(1));
}

}  // namespace
}  // namespace cosfuse
