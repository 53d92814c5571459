#include "emulator/cos/list_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ObjectMap MakeObjects(std::initializer_list<std::string> keys) {
  ObjectMap objects;
  for (const std::string& key : keys) objects.emplace(key, std::make_shared<Object>());
  return objects;
}

std::vector<std::string> KeysOf(const ListPage& page) {
  std::vector<std::string> keys;
  keys.reserve(page.entries.size());
  for (const ListEntry& entry : page.entries) keys.push_back(entry.key);
  return keys;
}

TEST(ListPage, IsInByteOrder) {
  const ObjectMap objects = MakeObjects({"b", "a", "Z", "\xc3\xa9", "a/b", "a.b"});
  EXPECT_THAT(KeysOf(MakeListPage(objects, {})), ElementsAre("Z", "a", "a.b", "a/b", "b", "\xc3\xa9"));
}

TEST(ListPage, HoldsThePrefixAlone) {
  const ObjectMap objects = MakeObjects({"a", "ab", "abc", "ac", "b"});
  ListQuery query;
  query.prefix = "ab";
  EXPECT_THAT(KeysOf(MakeListPage(objects, query)), ElementsAre("ab", "abc"));
}

TEST(ListPage, RollsUpAtTheDelimiter) {
  const ObjectMap objects = MakeObjects({"a", "d/1", "d/2/3", "d/", "e"});
  ListQuery query;
  query.delimiter = "/";
  const ListPage root = MakeListPage(objects, query);
  EXPECT_THAT(KeysOf(root), ElementsAre("a", "e"));
  EXPECT_THAT(root.common_prefixes, ElementsAre("d/"));
  query.prefix = "d/";
  const ListPage below = MakeListPage(objects, query);
  EXPECT_THAT(KeysOf(below), ElementsAre("d/", "d/1"));
  EXPECT_THAT(below.common_prefixes, ElementsAre("d/2/"));
}

TEST(ListPage, OfAFileAndAPrefixOfTheSameNameHoldsBoth) {
  ListQuery query;
  query.delimiter = "/";
  const ListPage page = MakeListPage(MakeObjects({"foo", "foo/bar", "foo-x"}), query);
  EXPECT_THAT(KeysOf(page), ElementsAre("foo", "foo-x"));
  EXPECT_THAT(page.common_prefixes, ElementsAre("foo/"));
}

TEST(ListPage, TakesAnyStringAsDelimiter) {
  ListQuery query;
  query.delimiter = "--";
  const ListPage page = MakeListPage(MakeObjects({"a--1", "a--2", "a-3"}), query);
  EXPECT_THAT(page.common_prefixes, ElementsAre("a--"));
  EXPECT_THAT(KeysOf(page), ElementsAre("a-3"));
}

TEST(ListPage, PagesMeetEachEntryOnceAtEverySize) {
  const ObjectMap objects = MakeObjects({"a", "b/", "b/1", "b/2", "b0", "c/\xff", "c/\xff\xff", "d", "e/x/y"});
  ListQuery query;
  query.delimiter = "/";
  for (query.max_keys = 1; query.max_keys <= 7; ++query.max_keys) {
    std::vector<std::string> seen;
    query.after.clear();
    for (bool more = true; more;) {
      const ListPage page = MakeListPage(objects, query);
      EXPECT_LE(page.entries.size() + page.common_prefixes.size(), query.max_keys);
      for (const ListEntry& entry : page.entries) seen.push_back(entry.key);
      for (const std::string& prefix : page.common_prefixes) seen.push_back(prefix);
      more = page.truncated;
      query.after = page.last;
    }
    std::ranges::sort(seen);
    EXPECT_THAT(seen, ElementsAre("a", "b/", "b0", "c/", "d", "e/")) << query.max_keys;
  }
}

TEST(ListPage, IsTruncatedOnlyIfSomethingFollows) {
  const ObjectMap objects = MakeObjects({"a", "b"});
  ListQuery query;
  query.max_keys = 2;
  EXPECT_FALSE(MakeListPage(objects, query).truncated);
  query.max_keys = 1;
  EXPECT_TRUE(MakeListPage(objects, query).truncated);
  query.max_keys = 0;
  EXPECT_FALSE(MakeListPage(objects, query).truncated);
  EXPECT_THAT(MakeListPage(objects, query).entries, IsEmpty());
}

TEST(ListPage, StartsAfterABoundaryThatNeedNotExist) {
  const ObjectMap objects = MakeObjects({"a", "b", "c"});
  ListQuery query;
  query.after = "aa";
  EXPECT_THAT(KeysOf(MakeListPage(objects, query)), ElementsAre("b", "c"));
  query.after = "b";
  EXPECT_THAT(KeysOf(MakeListPage(objects, query)), ElementsAre("c"));
  query.prefix = "b";
  query.after = "a";
  EXPECT_THAT(KeysOf(MakeListPage(objects, query)), ElementsAre("b"));
}

TEST(PrefixEnd, FollowsEverythingWithThePrefix) {
  EXPECT_EQ(PrefixEnd("a/"), "a0");
  EXPECT_EQ(PrefixEnd("a\xff"), "b");
  EXPECT_EQ(PrefixEnd("\xff\xff"), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

}  // namespace
}  // namespace cosfuse::emulator
