#include "tests/contract/object_store_contract.h"

namespace cosfuse::testing {
namespace {

/// Conditions of a read of one version.
Conditions OfVersion(const std::string& id, const ETag& if_match = {}) {
  return {.if_match = if_match, .version_id = id};
}

TEST_P(ObjectStoreContract, OlderVersionsStayReadableByTheirId) {
  const auto first = Put(Key("a"), "first");
  ASSERT_TRUE(first.has_value());
  if (first->version_id.empty()) GTEST_SKIP() << "a bucket without versions";
  const auto second = Put(Key("a"), "second");
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(first->version_id, second->version_id);
  EXPECT_EQ(Read(Key("a")), "second");
  EXPECT_EQ(Read(Key("a"), {}, OfVersion(first->version_id)), "first");
  EXPECT_EQ(Read(Key("a"), {1, 2}, OfVersion(first->version_id, first->etag)), "ir");
  EXPECT_EQ(Read(Key("a"), {}, OfVersion(first->version_id, second->etag)), "!Stale");
  const auto info = store().Head(context(), Key("a"), OfVersion(first->version_id));
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->size, 5U);
  EXPECT_EQ(info->version_id, first->version_id);
  EXPECT_EQ(store().Head(context(), Key("a"), {})->version_id, second->version_id);
}

TEST_P(ObjectStoreContract, VersionsAreListedNewestFirst) {
  const auto versions = [&](const std::string& prefix) {
    std::vector<ObjectVersion> found;
    VersionMarker after;
    for (;;) {
      const auto page = store().ListVersions(context(), prefix, after);
      EXPECT_TRUE(page.has_value()) << page.error().ToString();
      if (!page) return found;
      found.insert(found.end(), page->versions.begin(), page->versions.end());
      if (!page->next_after) return found;
      after = *page->next_after;
    }
  };
  EXPECT_TRUE(versions(prefix()).empty());
  const auto first = Put(Key("a b"), "first");
  const auto second = Put(Key("a b"), "second");
  MustPut(Key("c"), "x");
  ASSERT_TRUE(first && second);
  const auto found = versions(Key("a"));
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front().key, Key("a b"));
  EXPECT_EQ(found.front().etag, second->etag);
  EXPECT_EQ(found.front().size, 6U);
  const bool versioned = !first->version_id.empty();
  EXPECT_EQ(found.size(), versioned ? 2U : 1U);
  EXPECT_EQ(found.front().version_id, versioned ? second->version_id : "null");
  EXPECT_EQ(found.back().etag, versioned ? first->etag : second->etag);
  EXPECT_EQ(versions(prefix()).size(), versioned ? 3U : 2U);
}

TEST_P(ObjectStoreContract, VersionsOutliveADelete) {
  const auto version = Put(Key("a"), "content");
  ASSERT_TRUE(version.has_value());
  if (version->version_id.empty()) GTEST_SKIP() << "a bucket without versions";
  ASSERT_TRUE(store().Delete(context(), Key("a")));
  EXPECT_EQ(Read(Key("a")), "!NotFound");
  EXPECT_EQ(Read(Key("a"), {}, OfVersion(version->version_id)), "content");
  ASSERT_TRUE(store().Copy(context(), {.key = Key("a"), .version_id = version->version_id}, Key("b"), std::nullopt));
  EXPECT_EQ(Read(Key("b")), "content");
}

TEST_P(ObjectStoreContract, WriteIfUnmodifiedSince) {
  MustPut(Key("a"), "first");
  const WallTime modified = store().Head(context(), Key("a"), {})->last_modified;
  const Conditions unchanged = {.if_unmodified_since = modified};
  const Conditions earlier = {.if_unmodified_since = modified - std::chrono::seconds(10)};
  EXPECT_TRUE(store().Head(context(), Key("a"), unchanged));
  EXPECT_EQ(CodeOf(store().Head(context(), Key("a"), earlier)), ErrorCode::kStale);
  EXPECT_EQ(Read(Key("a"), {}, earlier), "!Stale");
  EXPECT_EQ(Read(Key("a"), {}, unchanged), "first");
  EXPECT_EQ(CodeOf(Put(Key("a"), "second", {}, earlier)), ErrorCode::kStale);
  EXPECT_EQ(Read(Key("a")), "first");
  EXPECT_TRUE(Put(Key("a"), "second", {}, unchanged));
}

TEST_P(ObjectStoreContract, CopyOfASourceThatIsStillTheSame) {
  const ETag etag = MustPut(Key("a"), "x");
  EXPECT_EQ(CodeOf(store().Copy(context(), {.key = Key("a"), .if_none_match = etag}, Key("b"), std::nullopt)),
            ErrorCode::kNotModified);
  EXPECT_TRUE(store().Copy(context(), {.key = Key("a"), .if_none_match = {"other"}}, Key("b"), std::nullopt));
}

}  // namespace
}  // namespace cosfuse::testing
