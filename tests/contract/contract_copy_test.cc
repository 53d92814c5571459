#include "tests/contract/object_store_contract.h"

namespace cosfuse::testing {
namespace {

CopySource From(const ObjectKey& key, const ETag& if_match = {}) { return {.key = key, .if_match = if_match}; }

TEST_P(ObjectStoreContract, CopyTakesBytesAndMetadata) {
  ObjectMetadata metadata;
  metadata.user = {{"mode", "33188"}};
  metadata.content_type = "text/plain";
  metadata.standard = {{"cache-control", "no-cache"}};
  MustPut(Key("a"), "content", metadata);
  const auto version = store().Copy(context(), From(Key("a")), Key("b"), std::nullopt);
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(Read(Key("b")), "content");
  EXPECT_EQ(Read(Key("a")), "content") << "the source stays";
  const auto info = store().Head(context(), Key("b"), {});
  EXPECT_EQ(info->metadata, metadata);
  EXPECT_EQ(info->etag, version->etag);
}

TEST_P(ObjectStoreContract, CopyMayReplaceTheMetadata) {
  ObjectMetadata before;
  before.user = {{"old", "1"}};
  before.content_type = "text/plain";
  MustPut(Key("a"), "content", before);
  ObjectMetadata after;
  after.user = {{"new", "2"}};
  after.content_type = "text/html";
  ASSERT_TRUE(store().Copy(context(), From(Key("a")), Key("b"), after));
  EXPECT_EQ(store().Head(context(), Key("b"), {})->metadata, after);
  EXPECT_EQ(Read(Key("b")), "content");
}

TEST_P(ObjectStoreContract, CopyOntoItselfChangesTheMetadata) {
  const ETag etag = MustPut(Key("a"), "content");
  ObjectMetadata metadata;
  metadata.user = {{"mode", "33261"}};
  metadata.content_type = "application/octet-stream";
  ASSERT_TRUE(store().Copy(context(), From(Key("a"), etag), Key("a"), metadata));
  EXPECT_EQ(Read(Key("a")), "content");
  EXPECT_EQ(store().Head(context(), Key("a"), {})->metadata, metadata);
}

TEST_P(ObjectStoreContract, CopyReplacesTheTarget) {
  MustPut(Key("a"), "new");
  MustPut(Key("b"), "old and longer");
  ASSERT_TRUE(store().Copy(context(), From(Key("a")), Key("b"), std::nullopt));
  EXPECT_EQ(Read(Key("b")), "new");
}

TEST_P(ObjectStoreContract, CopyOfAMissingSource) {
  EXPECT_EQ(CodeOf(store().Copy(context(), From(Key("none")), Key("b"), std::nullopt)), ErrorCode::kNotFound);
  EXPECT_EQ(Read(Key("b")), "!NotFound");
}

TEST_P(ObjectStoreContract, CopyOfAnotherVersionIsStale) {
  const ETag old = MustPut(Key("a"), "old");
  MustPut(Key("a"), "new");
  EXPECT_EQ(CodeOf(store().Copy(context(), From(Key("a"), old), Key("b"), std::nullopt)), ErrorCode::kStale);
  EXPECT_EQ(Read(Key("b")), "!NotFound");
}

TEST_P(ObjectStoreContract, CopyOfAnEmptyObject) {
  MustPut(Key("a"), "");
  ASSERT_TRUE(store().Copy(context(), From(Key("a")), Key("b"), std::nullopt));
  EXPECT_EQ(Read(Key("b")), "");
}

TEST_P(ObjectStoreContract, Pitfall34_CopyTakesOddKeys) {
  for (const char* name : {"a b", "a%2Fb", "a+b", "a?b", "\xff\x01", "\xc3\xa9", "dir/", "a/../b"}) {
    const ObjectKey source = Key(std::string("from/") + name);
    const ObjectKey target = Key(std::string("to/") + name);
    MustPut(source, name);
    ASSERT_TRUE(store().Copy(context(), From(source), target, std::nullopt)) << name;
    EXPECT_EQ(Read(target), name);
  }
}

}  // namespace
}  // namespace cosfuse::testing
