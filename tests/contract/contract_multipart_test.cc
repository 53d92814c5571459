#include "base/encoding.h"
#include "cos/limits.h"
#include "tests/contract/object_store_contract.h"

namespace cosfuse::testing {
namespace {

std::string FullPart(uint64_t seed) { return RandomBytes(kMinPartBytes, seed); }

TEST_P(ObjectStoreContract, UploadInParts) {
  const std::string first = FullPart(1);
  const std::string last = "the last part may be small";
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  ASSERT_TRUE(id.has_value());
  std::vector<UploadedPart> parts = {MustUpload(Key("a"), *id, 1, first), MustUpload(Key("a"), *id, 2, last)};
  EXPECT_EQ(Read(Key("a")), "!NotFound") << "not before it is complete";
  const auto version = store().CompleteUpload(context(), Key("a"), *id, parts, {});
  ASSERT_TRUE(version.has_value());
  EXPECT_TRUE(Read(Key("a")) == first + last);
  EXPECT_EQ(store().Head(context(), Key("a"), {})->etag, version->etag);
}

TEST_P(ObjectStoreContract, UploadOfOneSmallPart) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "tiny");
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, {}));
  EXPECT_EQ(Read(Key("a")), "tiny");
}

TEST_P(ObjectStoreContract, PartsMayArriveInAnyOrderAndWithGaps) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  const UploadedPart last = MustUpload(Key("a"), *id, 9, "end");
  const std::string content = FullPart(2);
  const UploadedPart first = MustUpload(Key("a"), *id, 4, content);
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *id, std::vector{first, last}, {}));
  EXPECT_TRUE(Read(Key("a")) == content + "end");
}

TEST_P(ObjectStoreContract, PartThatIsSentAgainReplacesTheFirst) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  MustUpload(Key("a"), *id, 1, "first try");
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "second try");
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, {}));
  EXPECT_EQ(Read(Key("a")), "second try");
}

TEST_P(ObjectStoreContract, UploadKeepsItsMetadata) {
  ObjectMetadata metadata;
  metadata.user = {{"mode", "33188"}, {"mtime", "17"}};
  metadata.content_type = "text/plain";
  const auto id = store().BeginUpload(context(), Key("a"), metadata, {});
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "x");
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, {}));
  EXPECT_EQ(store().Head(context(), Key("a"), {})->metadata, metadata);
}

TEST_P(ObjectStoreContract, UploadReplacesTheObjectAtOnce) {
  MustPut(Key("a"), "old");
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "new");
  EXPECT_EQ(Read(Key("a")), "old");
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, {}));
  EXPECT_EQ(Read(Key("a")), "new");
}

TEST_P(ObjectStoreContract, Pitfall3_SmallPartInTheMiddleIsRefused) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  const std::vector parts = {MustUpload(Key("a"), *id, 1, "small"), MustUpload(Key("a"), *id, 2, "end")};
  EXPECT_EQ(CodeOf(store().CompleteUpload(context(), Key("a"), *id, parts, {})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Read(Key("a")), "!NotFound");
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
}

TEST_P(ObjectStoreContract, PartsOutOfOrderAreRefused) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  const UploadedPart first = MustUpload(Key("a"), *id, 1, FullPart(3));
  const UploadedPart second = MustUpload(Key("a"), *id, 2, FullPart(4));
  EXPECT_EQ(CodeOf(store().CompleteUpload(context(), Key("a"), *id, std::vector{second, first}, {})),
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
}

TEST_P(ObjectStoreContract, PartsThatWereNeverSentAreRefused) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  UploadedPart part = MustUpload(Key("a"), *id, 1, "x");
  part.etag.value = "00000000000000000000000000000000";
  EXPECT_EQ(CodeOf(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, {})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().CompleteUpload(context(), Key("a"), *id, {}, {})), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
}

TEST_P(ObjectStoreContract, PartNumbersHaveLimits) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  SpanBodySource body(AsBytes("x"));
  EXPECT_EQ(CodeOf(store().UploadPart(context(), Key("a"), *id, 0, body)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(store().UploadPart(context(), Key("a"), *id, 10'001, body)), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(store().UploadPart(context(), Key("a"), *id, 10'000, body));
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
}

TEST_P(ObjectStoreContract, AbortedUploadIsGone) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "x");
  ASSERT_TRUE(store().AbortUpload(context(), Key("a"), *id));
  SpanBodySource body(AsBytes("x"));
  EXPECT_EQ(CodeOf(store().UploadPart(context(), Key("a"), *id, 2, body)), ErrorCode::kMissingUpload);
  EXPECT_EQ(CodeOf(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, {})), ErrorCode::kMissingUpload);
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id)) << "missing counts as aborted";
}

TEST_P(ObjectStoreContract, CompletedUploadIsGone) {
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "x");
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, {}));
  SpanBodySource body(AsBytes("x"));
  EXPECT_EQ(CodeOf(store().UploadPart(context(), Key("a"), *id, 1, body)), ErrorCode::kMissingUpload);
}

TEST_P(ObjectStoreContract, UploadUnderAFalseConditionFailsAtItsEndAtTheLatest) {
  MustPut(Key("a"), "there");
  const auto id = store().BeginUpload(context(), Key("a"), {}, CreateOnly());
  if (!id) {
    EXPECT_EQ(CodeOf(id), ErrorCode::kAlreadyExists);
    return;
  }
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "x");
  EXPECT_EQ(CodeOf(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, CreateOnly())),
            ErrorCode::kAlreadyExists);
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
}

TEST_P(ObjectStoreContract, UploadUnderATrueCondition) {
  const ETag base = MustPut(Key("a"), "base");
  const auto id = store().BeginUpload(context(), Key("a"), {}, IfMatch(base));
  ASSERT_TRUE(id.has_value());
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "next");
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, IfMatch(base)));
  EXPECT_EQ(Read(Key("a")), "next");
}

TEST_P(ObjectStoreContract, Pitfall25_RewriteDuringAnUploadMakesItStale) {
  if (!GetParam().conditions_at_complete) GTEST_SKIP() << "depends on the store's dialect";
  const ETag base = MustPut(Key("a"), "base");
  const auto id = store().BeginUpload(context(), Key("a"), {}, IfMatch(base));
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "loser");
  MustPut(Key("a"), "winner");
  EXPECT_EQ(CodeOf(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, IfMatch(base))), ErrorCode::kStale);
  EXPECT_EQ(Read(Key("a")), "winner");
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
}

TEST_P(ObjectStoreContract, Pitfall33_CreationDuringAnUploadWins) {
  if (!GetParam().conditions_at_complete) GTEST_SKIP() << "depends on the store's dialect";
  const auto id = store().BeginUpload(context(), Key("a"), {}, CreateOnly());
  const UploadedPart part = MustUpload(Key("a"), *id, 1, "loser");
  MustPut(Key("a"), "winner");
  EXPECT_EQ(CodeOf(store().CompleteUpload(context(), Key("a"), *id, {&part, 1}, CreateOnly())),
            ErrorCode::kAlreadyExists);
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
}

TEST_P(ObjectStoreContract, PartsMayBeCopiesOfRanges) {
  const std::string base = RandomBytes(2 * kMinPartBytes + 1000, 5);
  const ETag etag = MustPut(Key("base"), base);
  const CopySource source = {.key = Key("base"), .if_match = etag};
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  const auto copied = store().UploadPartCopy(context(), Key("a"), *id, 1, source, {500, kMinPartBytes});
  ASSERT_TRUE(copied.has_value());
  const UploadedPart sent = MustUpload(Key("a"), *id, 2, FullPart(6));
  const auto tail = store().UploadPartCopy(context(), Key("a"), *id, 3, source, {base.size() - 10, 10});
  ASSERT_TRUE(tail.has_value());
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *id, std::vector{*copied, sent, *tail}, {}));
  EXPECT_TRUE(Read(Key("a")) == base.substr(500, kMinPartBytes) + FullPart(6) + base.substr(base.size() - 10));
}

TEST_P(ObjectStoreContract, PartCopyOfAnotherVersionIsStale) {
  const ETag old = MustPut(Key("base"), "old");
  MustPut(Key("base"), "new");
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  EXPECT_EQ(CodeOf(store().UploadPartCopy(context(), Key("a"), *id, 1, {.key = Key("base"), .if_match = old}, {0, 3})),
            ErrorCode::kStale);
  EXPECT_TRUE(store().AbortUpload(context(), Key("a"), *id));
}

TEST_P(ObjectStoreContract, PartCopyNeedsSourceRangeAndUpload) {
  MustPut(Key("base"), "0123456789");
  const CopySource source = {.key = Key("base")};
  const auto id = store().BeginUpload(context(), Key("a"), {}, {});
  const auto copy = [&](const std::string& upload, const CopySource& from, ByteRange range) {
    return CodeOf(store().UploadPartCopy(context(), Key("a"), upload, 1, from, range));
  };
  EXPECT_EQ(copy(*id, {.key = Key("none")}, {0, 5}), ErrorCode::kNotFound);
  EXPECT_EQ(copy(*id, source, {5, 100}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(copy(*id, source, {0, 0}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(copy(*id, source, {0, 10}), std::nullopt);
  ASSERT_TRUE(store().AbortUpload(context(), Key("a"), *id));
  EXPECT_EQ(copy(*id, source, {0, 10}), ErrorCode::kMissingUpload);
}

TEST_P(ObjectStoreContract, UploadsOfOneKeyAreIndependent) {
  const auto first = store().BeginUpload(context(), Key("a"), {}, {});
  const auto second = store().BeginUpload(context(), Key("a"), {}, {});
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  const UploadedPart of_first = MustUpload(Key("a"), *first, 1, "first");
  const UploadedPart of_second = MustUpload(Key("a"), *second, 1, "second");
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *second, {&of_second, 1}, {}));
  ASSERT_TRUE(store().CompleteUpload(context(), Key("a"), *first, {&of_first, 1}, {}));
  EXPECT_EQ(Read(Key("a")), "first") << "the last complete counts";
}

TEST_P(ObjectStoreContract, Pitfall34_UploadTakesOddKeys) {
  for (const char* name : {"a b/c+d", "\xff?x=1&y", "a%2F\xc3\xa9", "dir/../x"}) {
    const auto id = store().BeginUpload(context(), Key(name), {}, {});
    ASSERT_TRUE(id.has_value()) << name;
    const UploadedPart part = MustUpload(Key(name), *id, 1, name);
    ASSERT_TRUE(store().CompleteUpload(context(), Key(name), *id, {&part, 1}, {})) << name;
    EXPECT_EQ(Read(Key(name)), name);
  }
}

}  // namespace
}  // namespace cosfuse::testing
