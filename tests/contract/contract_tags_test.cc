#include "tests/contract/object_store_contract.h"

namespace cosfuse::testing {
namespace {

const ObjectTags kTwoTags = {{"team", "billing"}, {"kept for", "7 years & more"}};

ObjectMetadata Tagged(const ObjectTags& tags) {
  ObjectMetadata metadata;
  metadata.tags = tags;
  return metadata;
}

TEST_P(ObjectStoreContract, ObjectWithoutTagsHasNone) {
  MustPut(Key("a"), "x");
  EXPECT_EQ(store().GetTags(context(), Key("a"), {}), ObjectTags());
  EXPECT_EQ(store().Head(context(), Key("a"), {})->metadata.tag_count, 0);
}

TEST_P(ObjectStoreContract, TagsAreStoredByTheWrite) {
  MustPut(Key("a"), "x", Tagged(kTwoTags));
  EXPECT_EQ(store().GetTags(context(), Key("a"), {}), kTwoTags);
  const auto info = store().Head(context(), Key("a"), {});
  EXPECT_EQ(info->metadata.tag_count, 2);
  EXPECT_TRUE(info->metadata.tags.empty()) << "counted, not read";
}

TEST_P(ObjectStoreContract, TagsAreReplacedAsAWhole) {
  const ETag etag = MustPut(Key("a"), "x", Tagged(kTwoTags));
  ASSERT_TRUE(store().SetTags(context(), Key("a"), {{"other", ""}}));
  EXPECT_EQ(store().GetTags(context(), Key("a"), {}), (ObjectTags{{"other", ""}}));
  ASSERT_TRUE(store().SetTags(context(), Key("a"), {}));
  EXPECT_EQ(store().GetTags(context(), Key("a"), {}), ObjectTags());
  EXPECT_EQ(store().Head(context(), Key("a"), {})->etag, etag) << "the version stays";
}

TEST_P(ObjectStoreContract, TagsOfAMissingObject) {
  EXPECT_EQ(CodeOf(store().GetTags(context(), Key("none"), {})), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(store().SetTags(context(), Key("none"), kTwoTags)), ErrorCode::kNotFound);
}

TEST_P(ObjectStoreContract, MoreThanTenTagsAreRefused) {
  MustPut(Key("a"), "x", Tagged(kTwoTags));
  ObjectTags eleven;
  for (int i = 0; i < 11; ++i) eleven["tag-" + std::to_string(i)] = "x";
  EXPECT_EQ(CodeOf(store().SetTags(context(), Key("a"), eleven)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(Put(Key("b"), "x", Tagged(eleven))), ErrorCode::kInvalidArgument);
  EXPECT_EQ(store().GetTags(context(), Key("a"), {}), kTwoTags);
  EXPECT_EQ(Read(Key("b")), "!NotFound");
}

TEST_P(ObjectStoreContract, Pitfall19_TagsSurviveEveryCopy) {
  MustPut(Key("a"), "x", Tagged(kTwoTags));
  ASSERT_TRUE(store().Copy(context(), {.key = Key("a")}, Key("b"), std::nullopt));
  EXPECT_EQ(store().GetTags(context(), Key("b"), {}), kTwoTags);
  ObjectMetadata metadata;
  metadata.user = {{"mode", "33188"}};
  ASSERT_TRUE(store().Copy(context(), {.key = Key("a")}, Key("a"), metadata));
  EXPECT_EQ(store().GetTags(context(), Key("a"), {}), kTwoTags) << "although the metadata is replaced";
}

TEST_P(ObjectStoreContract, Pitfall19_TagsGoWithAMultipartUpload) {
  const auto id = store().BeginUpload(context(), Key("a"), Tagged(kTwoTags), {});
  ASSERT_TRUE(id.has_value());
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "x");
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, {}));
  EXPECT_EQ(store().GetTags(context(), Key("a"), {}), kTwoTags);
}

TEST_P(ObjectStoreContract, TagsOfAnEarlierVersionAreThoseThatItHad) {
  MustPut(Key("a"), "x", Tagged(kTwoTags));
  const auto first = store().Head(context(), Key("a"), {});
  ASSERT_TRUE(first.has_value());
  MustPut(Key("a"), "y");
  if (first->version_id.empty()) GTEST_SKIP() << "this bucket keeps none";
  EXPECT_EQ(store().GetTags(context(), Key("a"), first->version_id), kTwoTags);
  EXPECT_EQ(store().GetTags(context(), Key("a"), {}), ObjectTags());
}

TEST_P(ObjectStoreContract, RewriteWithoutTagsRemovesThem) {
  MustPut(Key("a"), "x", Tagged(kTwoTags));
  MustPut(Key("a"), "y");
  EXPECT_EQ(store().GetTags(context(), Key("a"), {}), ObjectTags());
}

}  // namespace
}  // namespace cosfuse::testing
