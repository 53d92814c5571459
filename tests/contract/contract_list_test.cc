#include <algorithm>
#include <set>

#include "tests/contract/object_store_contract.h"

namespace cosfuse::testing {
namespace {

using Names = std::vector<std::string>;

ListRequest Below(const std::string& prefix, bool delimited = true, int max_keys = 1000) {
  ListRequest request;
  request.prefix = prefix;
  request.delimited = delimited;
  request.max_keys = max_keys;
  return request;
}

TEST_P(ObjectStoreContract, ListOfNothing) {
  const auto page = store().List(context(), Below(prefix()));
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->objects.empty());
  EXPECT_TRUE(page->common_prefixes.empty());
  EXPECT_TRUE(page->next_token.empty());
}

TEST_P(ObjectStoreContract, ListDescribesTheObjects) {
  const ETag etag = MustPut(Key("a"), "hello");
  const auto page = store().List(context(), Below(prefix()));
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->objects.size(), 1U);
  EXPECT_EQ(page->objects[0].key, Key("a"));
  EXPECT_EQ(page->objects[0].size, 5U);
  EXPECT_EQ(page->objects[0].etag, etag);
  EXPECT_EQ(page->objects[0].last_modified, store().Head(context(), Key("a"), {})->last_modified);
  EXPECT_GE(page->answered_at, page->objects[0].last_modified);
}

TEST_P(ObjectStoreContract, ListGroupsAtTheDelimiter) {
  for (const char* name : {"a", "dir/x", "dir/y", "dir/sub/z", "other/"}) MustPut(Key(name), "");
  EXPECT_EQ(ListNames(Below(prefix())), (Names{"a", "dir/", "other/"}));
  EXPECT_EQ(ListNames(Below(Key("dir/"))), (Names{"dir/x", "dir/y", "dir/sub/"}));
}

TEST_P(ObjectStoreContract, ListWithoutDelimiterShowsAll) {
  for (const char* name : {"a", "dir/x", "dir/sub/z", "other/"}) MustPut(Key(name), "");
  EXPECT_EQ(ListNames(Below(prefix(), false)), (Names{"a", "dir/sub/z", "dir/x", "other/"}));
}

TEST_P(ObjectStoreContract, ListShowsAMarkerInsideItsDirectory) {
  MustPut(Key("dir/"), "");
  MustPut(Key("dir/x"), "");
  EXPECT_EQ(ListNames(Below(Key("dir/"))), (Names{"dir/", "dir/x"}));
}

TEST_P(ObjectStoreContract, Pitfall29_ListShowsObjectAndPrefixOfOneName) {
  for (const char* name : {"foo", "foo-bar", "foo/", "foo/bar"}) MustPut(Key(name), "");
  EXPECT_EQ(ListNames(Below(prefix())), (Names{"foo", "foo-bar", "foo/"}));
}

TEST_P(ObjectStoreContract, ListOfAPrefixInsideAName) {
  for (const char* name : {"abc", "abd", "b"}) MustPut(Key(name), "");
  EXPECT_EQ(ListNames(Below(Key("ab"))), (Names{"abc", "abd"}));
}

TEST_P(ObjectStoreContract, ListPagesShowEachNameOnce) {
  Names expected;
  for (int i = 0; i < 7; ++i) {
    MustPut(Key("f" + std::to_string(i)), "");
    MustPut(Key("d" + std::to_string(i) + "/x"), "");
    MustPut(Key("d" + std::to_string(i) + "/y"), "");
    expected.push_back("f" + std::to_string(i));
    expected.push_back("d" + std::to_string(i) + "/");
  }
  std::ranges::sort(expected);
  for (const int max_keys : {1, 2, 3, 5, 13, 14, 15}) {
    Names names = ListNames(Below(prefix(), true, max_keys));
    std::ranges::sort(names);
    EXPECT_EQ(names, expected) << max_keys;
  }
}

TEST_P(ObjectStoreContract, ListPagesWithoutDelimiter) {
  std::set<std::string> expected;
  for (int i = 0; i < 9; ++i) {
    const std::string name = "dir" + std::to_string(i % 3) + "/f" + std::to_string(i);
    MustPut(Key(name), "");
    expected.insert(name);
  }
  const Names names = ListNames(Below(prefix(), false, 2));
  EXPECT_EQ(names.size(), expected.size());
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected);
}

TEST_P(ObjectStoreContract, ListPageIsFullAndTheNextGoesOn) {
  for (const char* name : {"a", "b", "c"}) MustPut(Key(name), "");
  const auto first = store().List(context(), Below(prefix(), true, 2));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->objects.size(), 2U);
  ASSERT_FALSE(first->next_token.empty());
  ListRequest next = Below(prefix(), true, 2);
  next.continuation_token = first->next_token;
  const auto second = store().List(context(), next);
  ASSERT_TRUE(second.has_value());
  ASSERT_EQ(second->objects.size(), 1U);
  EXPECT_EQ(second->objects[0].key, Key("c"));
  EXPECT_TRUE(second->next_token.empty());
}

TEST_P(ObjectStoreContract, Pitfall36_ListGoesOnThoughTheNextNameIsDeleted) {
  for (const char* name : {"a", "b", "c"}) MustPut(Key(name), "");
  const auto first = store().List(context(), Below(prefix(), true, 1));
  ASSERT_TRUE(first.has_value());
  ASSERT_TRUE(store().Delete(context(), Key("b")));
  ListRequest next = Below(prefix(), true, 1);
  next.continuation_token = first->next_token;
  EXPECT_EQ(ListNames(next), Names{"c"});
}

TEST_P(ObjectStoreContract, ListStartsAfterAName) {
  for (const char* name : {"a", "b", "c", "d/x"}) MustPut(Key(name), "");
  ListRequest request = Below(prefix());
  request.start_after = Key("b");
  EXPECT_EQ(ListNames(request), (Names{"c", "d/"}));
  request.start_after = Key("bb");
  EXPECT_EQ(ListNames(request), (Names{"c", "d/"}));
  request.start_after = Key("z");
  EXPECT_EQ(ListNames(request), Names{});
}

TEST_P(ObjectStoreContract, ListIsInByteOrder) {
  const Names names = {"A", "B", "a", "a-", "a/b", "a0", "aa", "\xc3\xa9"};
  for (const std::string& name : names) MustPut(Key(name), "");
  EXPECT_EQ(ListNames(Below(prefix(), false)), names);
}

TEST_P(ObjectStoreContract, Pitfall34_ListShowsOddKeysExactly) {
  Names names = {"a b",    "a%20b", "a+b", "a//b",   "\x01",     "\xff\xfe", "a\nb", "a\rb",
                 "<&>\"'", " ",     "%",   "100%/x", "\xc3\xa9", "./..",     "?#"};
  std::ranges::sort(names);
  for (const std::string& name : names) MustPut(Key(name), "");
  Names listed = ListNames(Below(prefix(), false));
  std::ranges::sort(listed);
  EXPECT_EQ(listed, names);
}

TEST_P(ObjectStoreContract, Pitfall34_ListShowsOddPrefixesExactly) {
  Names prefixes = {"a b/", "a%20b/", "a+b/", "\x01/", "\xff/", "100%/", "\xc3\xa9/", "&/", "/", "../"};
  std::ranges::sort(prefixes);
  for (const std::string& name : prefixes) MustPut(Key(name + "x"), "");
  Names listed = ListNames(Below(prefix()));
  std::ranges::sort(listed);
  EXPECT_EQ(listed, prefixes);
  for (const std::string& name : prefixes) EXPECT_EQ(ListNames(Below(Key(name))), Names{name + "x"}) << name;
}

TEST_P(ObjectStoreContract, ListSeesWritesAndDeletesAtOnce) {
  MustPut(Key("a"), "");
  EXPECT_EQ(ListNames(Below(prefix())), Names{"a"});
  MustPut(Key("b"), "");
  ASSERT_TRUE(store().Delete(context(), Key("a")));
  EXPECT_EQ(ListNames(Below(prefix())), Names{"b"});
}

TEST_P(ObjectStoreContract, ListWithAnInventedTokenIsRefused) {
  ListRequest request = Below(prefix());
  request.continuation_token = "not a token of this store";
  EXPECT_EQ(CodeOf(store().List(context(), request)), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace cosfuse::testing
