#include <atomic>

#include "base/encoding.h"
#include "base/thread_pool.h"
#include "tests/contract/object_store_contract.h"

namespace cosfuse::testing {
namespace {

TEST_P(ObjectStoreContract, PutReplacesTheObject) {
  const ETag first = MustPut(Key("a"), "first");
  const ETag second = MustPut(Key("a"), "second");
  EXPECT_NE(first, second);
  EXPECT_EQ(Read(Key("a")), "second");
}

TEST_P(ObjectStoreContract, Pitfall10_RewriteMayBeShorterOrLonger) {
  MustPut(Key("a"), "0123456789");
  MustPut(Key("a"), "xyz");
  EXPECT_EQ(Read(Key("a")), "xyz");
  MustPut(Key("a"), "a much longer content than before");
  EXPECT_EQ(Read(Key("a")), "a much longer content than before");
  EXPECT_EQ(store().Head(context(), Key("a"), {})->size, 33U);
}

TEST_P(ObjectStoreContract, PutReturnsTheETagThatReadersSee) {
  const ETag etag = MustPut(Key("a"), "content");
  EXPECT_FALSE(etag.empty());
  EXPECT_EQ(etag.value.find('"'), std::string::npos);
  EXPECT_EQ(store().Head(context(), Key("a"), {})->etag, etag);
}

TEST_P(ObjectStoreContract, PutOfALargeObject) {
  const std::string content = RandomBytes(20'000'003, 4);
  MustPut(Key("a"), content);
  EXPECT_TRUE(Read(Key("a")) == content);
}

TEST_P(ObjectStoreContract, PutCreateOnly) {
  EXPECT_TRUE(Put(Key("a"), "first", {}, CreateOnly()));
  EXPECT_EQ(CodeOf(Put(Key("a"), "second", {}, CreateOnly())), ErrorCode::kAlreadyExists);
  EXPECT_EQ(Read(Key("a")), "first");
}

TEST_P(ObjectStoreContract, PutIfMatch) {
  const ETag first = MustPut(Key("a"), "first");
  EXPECT_TRUE(Put(Key("a"), "second", {}, IfMatch(first)));
  EXPECT_EQ(Read(Key("a")), "second");
}

TEST_P(ObjectStoreContract, Pitfall25_SecondWriterOfOneVersionIsStale) {
  const ETag base = MustPut(Key("a"), "base");
  EXPECT_TRUE(Put(Key("a"), "winner", {}, IfMatch(base)));
  EXPECT_EQ(CodeOf(Put(Key("a"), "loser", {}, IfMatch(base))), ErrorCode::kStale);
  EXPECT_EQ(Read(Key("a")), "winner");
}

TEST_P(ObjectStoreContract, PutIfMatchOfAMissingObjectIsStaleAndCreatesNothing) {
  EXPECT_EQ(CodeOf(Put(Key("a"), "x", {}, IfMatch({"gone"}))), ErrorCode::kStale);
  EXPECT_EQ(Read(Key("a")), "!NotFound");
}

TEST_P(ObjectStoreContract, Pitfall33_OneOfManyCreatorsWins) {
  std::atomic<int> winners = 0;
  std::atomic<int> losers = 0;
  {
    ThreadPool pool({.name = "creator", .max_threads = 16});
    for (int i = 0; i < 32; ++i) {
      pool.Post([&, i] {
        const auto put = Put(Key("lock"), std::to_string(i), {}, CreateOnly());
        if (put) ++winners;
        if (CodeOf(put) == ErrorCode::kAlreadyExists) ++losers;
      });
    }
  }
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(losers, 31);
}

TEST_P(ObjectStoreContract, Pitfall25_OneOfManyRewritersWins) {
  const ETag base = MustPut(Key("a"), "base");
  std::atomic<int> winners = 0;
  {
    ThreadPool pool({.name = "writer", .max_threads = 16});
    for (int i = 0; i < 32; ++i) {
      pool.Post([&, i] {
        if (Put(Key("a"), "writer " + std::to_string(i), {}, IfMatch(base))) ++winners;
      });
    }
  }
  EXPECT_EQ(winners, 1);
}

TEST_P(ObjectStoreContract, MetadataIsKept) {
  ObjectMetadata metadata;
  metadata.user = {{"mode", "33188"}, {"mtime", "1735000000.123"}, {"foreign", "100% of a=b; \"c\""}};
  metadata.content_type = "text/html; charset=utf-8";
  metadata.standard = {
      {"cache-control", "no-cache"}, {"content-disposition", "attachment; filename=\"x\""}, {"content-language", "de"}};
  MustPut(Key("a"), "x", metadata);
  EXPECT_EQ(store().Head(context(), Key("a"), {})->metadata, metadata);
}

TEST_P(ObjectStoreContract, MetadataBeyondAsciiIsKept) {
  ObjectMetadata metadata;
  metadata.user = {{"author", "Jos\xc3\xa9 \xe2\x82\xac"}};
  MustPut(Key("a"), "x", metadata);
  EXPECT_EQ(store().Head(context(), Key("a"), {})->metadata.user, metadata.user);
}

TEST_P(ObjectStoreContract, RewriteReplacesAllMetadata) {
  ObjectMetadata metadata;
  metadata.user = {{"old", "1"}};
  metadata.content_type = "text/plain";
  MustPut(Key("a"), "x", metadata);
  MustPut(Key("a"), "x");
  const auto info = store().Head(context(), Key("a"), {});
  EXPECT_TRUE(info->metadata.user.empty());
  EXPECT_EQ(info->metadata.content_type, "application/octet-stream");
}

TEST_P(ObjectStoreContract, BodyThatCannotBeReadWritesNothing) {
  class BrokenBody final : public BodySource {
   public:
    ByteCount size() const override { return 10; }
    Result<size_t> Read(ByteCount /*offset*/, std::span<std::byte> /*out*/) override {
      return Fail(ErrorCode::kInternal, "no disk");
    }
  };
  BrokenBody body;
  EXPECT_EQ(CodeOf(store().Put(context(), Key("a"), body, {}, {})), ErrorCode::kInternal);
  EXPECT_EQ(Read(Key("a")), "!NotFound");
}

TEST_P(ObjectStoreContract, ImpossibleKeysAreRefused) {
  EXPECT_EQ(CodeOf(Put("", "x")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().Head(context(), "", {})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().Delete(context(), "")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(Put(std::string(1025, 'k'), "x")), ErrorCode::kNameTooLong);
}

TEST_P(ObjectStoreContract, LongestKey) {
  const ObjectKey key = Key(std::string(1024 - prefix().size(), 'k'));
  MustPut(key, "x");
  EXPECT_EQ(Read(key), "x");
}

TEST_P(ObjectStoreContract, Pitfall34_OddKeysAreKeysLikeOthers) {
  const std::vector<std::string> names = {"a//b",   "./x",      "../x",      "a/./b",   "a/../b",   "dir/",
                                          "%2F",    "a+b",      "a b",       "a?b=c&d", "a#b",      "a\nb",
                                          "\x01",   "\xff\xfe", "a%00b",     "~*'()!",  "\"<>&",    "a\\b",
                                          "a\r\nb", "\xc3\xa9", "e\xcc\x81", ".",       "trailing "};
  for (const std::string& name : names) MustPut(Key(name), "of " + name);
  for (const std::string& name : names) EXPECT_EQ(Read(Key(name)), "of " + name) << name;
  for (const std::string& name : names) {
    EXPECT_TRUE(store().Delete(context(), Key(name))) << name;
    EXPECT_EQ(Read(Key(name)), "!NotFound") << name;
  }
}

TEST_P(ObjectStoreContract, DeleteRemovesThatKeyAlone) {
  MustPut(Key("a"), "x");
  MustPut(Key("a/"), "");
  MustPut(Key("a/b"), "y");
  EXPECT_TRUE(store().Delete(context(), Key("a")));
  EXPECT_EQ(Read(Key("a")), "!NotFound");
  EXPECT_EQ(Read(Key("a/")), "");
  EXPECT_EQ(Read(Key("a/b")), "y");
}

TEST_P(ObjectStoreContract, DeleteOfAMissingObjectSucceeds) { EXPECT_TRUE(store().Delete(context(), Key("none"))); }

TEST_P(ObjectStoreContract, DeleteManyRemovesAll) {
  std::vector<ObjectKey> keys;
  keys.reserve(20);
  for (int i = 0; i < 20; ++i) keys.push_back(Key("many/" + std::to_string(i)));
  for (const ObjectKey& key : keys) MustPut(key, "x");
  MustPut(Key("kept"), "x");
  const auto left = store().DeleteMany(context(), keys);
  ASSERT_TRUE(left.has_value());
  EXPECT_TRUE(left->empty());
  EXPECT_EQ(ListNames({.prefix = prefix(), .delimited = false}), std::vector<std::string>{"kept"});
}

TEST_P(ObjectStoreContract, DeleteManyCountsMissingKeysAsDeleted) {
  std::vector<ObjectKey> keys = {Key("there")};
  MustPut(keys[0], "x");
  for (int i = 0; i < 999; ++i) keys.push_back(Key("missing-" + std::to_string(i)));
  const auto left = store().DeleteMany(context(), keys);
  ASSERT_TRUE(left.has_value());
  EXPECT_TRUE(left->empty());
  EXPECT_EQ(Read(Key("there")), "!NotFound");
}

TEST_P(ObjectStoreContract, Pitfall34_DeleteManyTakesOddKeys) {
  std::vector<ObjectKey> keys;
  for (const char* name : {"a<b>&\"", " lead", "a\rb\nc\td", "\x01\x02", "\xff", "a%20b", "\xc3\xa9"}) {
    keys.push_back(Key(name));
    MustPut(keys.back(), "x");
  }
  EXPECT_TRUE(store().DeleteMany(context(), keys)->empty());
  for (const ObjectKey& key : keys) EXPECT_EQ(Read(key), "!NotFound") << key;
}

TEST_P(ObjectStoreContract, DeleteManyHasLimits) {
  EXPECT_TRUE(store().DeleteMany(context(), {})->empty());
  const std::vector<ObjectKey> keys(1001, Key("k"));
  EXPECT_EQ(CodeOf(store().DeleteMany(context(), keys)), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace cosfuse::testing
