#include <gtest/gtest.h>

#include <string>

#include "cache/file_cache.h"
#include "cache/file_cache_fixture.h"

namespace cosfuse {
namespace {

constexpr ByteCount kSourceSize = 64 * kKiB + 7;

/// "source" is in the store, and large for this store.
class FileCacheCopyTest : public FileCacheFixture {
 protected:
  FileCacheCopyTest() : FileCacheFixture({.min_part_size = kSmallLimits.smallest_part}) {
    options_.limits = kSmallLimits;
    options_.part_size = 20 * kKiB;
  }
  void SetUp() override {
    FileCacheFixture::SetUp();
    source_ = cache_->OpenBase(Stored("source", content_));
    store_.ForgetOperations();
  }
  void TearDown() override { EXPECT_EQ(store_.open_uploads(), 0u); }

  std::optional<ByteCount> Copy(CachedFile& target, ByteCount offset, ByteCount length) {
    return target.CopyFrom(source_->copyable_version(), offset, offset, length);
  }
  File WholeCopy() {
    File target = cache_->Create({});
    EXPECT_EQ(Copy(*target, 0, kSourceSize), kSourceSize);
    return target;
  }
  /// What another client does to the source.
  void ReplaceSource() { store_.SetObject("source", RandomText(kSourceSize, 99)); }
  void ExpectNothingSent() {
    EXPECT_EQ(store_.Count(StoreOperation::kPut), 0u);
    EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 0u);
  }

  const std::string content_ = RandomText(kSourceSize, 1);
  File source_;
};

TEST_F(FileCacheCopyTest, TheStoreCopiesTheWholeIntoANewFile) {
  const File target = WholeCopy();
  EXPECT_TRUE(target->dirty());
  EXPECT_EQ(target->size(), kSourceSize);
  EXPECT_EQ(store_.count(), 0u);
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
  EXPECT_EQ(target->base()->key, "target");
  EXPECT_EQ(BytesFetched(), 0u);
  ExpectNothingSent();
  for (const RecordedOperation& call : store_.operations()) {
    if (call.operation != StoreOperation::kCompleteUpload) continue;
    EXPECT_TRUE(call.conditions.create_only);
  }
  EXPECT_EQ(ReadAll(*target), content_);
}

TEST_F(FileCacheCopyTest, PiecesThatFollowEachOtherAreOneCopy) {
  const File target = cache_->Create({});
  for (ByteCount at = 0; at < kSourceSize; at += 10'000) {
    EXPECT_EQ(Copy(*target, at, 10'000), std::min<ByteCount>(10'000, kSourceSize - at));
  }
  EXPECT_EQ(Copy(*target, kSourceSize, 10'000), 0u);
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
  ExpectNothingSent();
}

TEST_F(FileCacheCopyTest, ACopyThatIsNotStoredYetReadsAsTheSource) {
  const File target = cache_->Create({});
  ASSERT_EQ(Copy(*target, 0, 30'000), 30'000u);
  EXPECT_EQ(ReadAll(*target), content_.substr(0, 30'000));
}

TEST_F(FileCacheCopyTest, WhatIsWrittenAndCutAfterwardsHolds) {
  const File target = WholeCopy();
  std::string expected = content_;
  ASSERT_TRUE(Write(*target, 50'000, "edited"));
  expected.replace(50'000, 6, "edited");
  ASSERT_TRUE(target->Truncate(60'000));
  expected.resize(60'000);
  ASSERT_TRUE(Write(*target, 60'010, "more"));
  expected += std::string(10, '\0') + "more";
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), expected);
  EXPECT_GE(store_.Count(StoreOperation::kUploadPartCopy), 1u);
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 1u);
  EXPECT_EQ(ReadAll(*target), expected);
}

TEST_F(FileCacheCopyTest, WhatIsWrittenBeforeItIsStoredIsReadOverTheSource) {
  const File target = WholeCopy();
  std::string expected = content_;
  ASSERT_TRUE(Write(*target, 50'000, "edited"));
  expected.replace(50'000, 6, "edited");
  ASSERT_TRUE(target->Truncate(60'000));
  ASSERT_TRUE(target->Truncate(61'000));
  expected.resize(60'000);
  expected.resize(61'000, '\0');
  EXPECT_EQ(ReadAll(*target), expected);
}

TEST_F(FileCacheCopyTest, AVersionThatTheCopyReplacesIsAConditionAlone) {
  const BaseVersion replaced = Stored("target", RandomText(100'000, 5));
  const File target = cache_->Create(replaced);
  ASSERT_EQ(Copy(*target, 0, kSourceSize), kSourceSize);
  EXPECT_EQ(target->base()->etag, replaced.etag);
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
  ExpectNothingSent();
  for (const RecordedOperation& call : store_.operations()) {
    if (call.operation != StoreOperation::kCompleteUpload) continue;
    EXPECT_EQ(call.conditions.if_match, replaced.etag);
  }
}

TEST_F(FileCacheCopyTest, AFileThatWasCutToNothingTakesACopy) {
  const File target = cache_->OpenBase(Stored("target", RandomText(100'000, 5)));
  ASSERT_TRUE(Write(*target, 10, "written and then cut"));
  EXPECT_EQ(Read(*target, 1000, 10)->size(), 10u);
  EXPECT_EQ(Copy(*target, 0, kSourceSize), std::nullopt);
  ASSERT_TRUE(target->Truncate(0));
  EXPECT_EQ(Copy(*target, 0, kSourceSize), kSourceSize);
  EXPECT_EQ(ReadAll(*target), content_);
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
  EXPECT_EQ(ReadAll(*target), content_);
}

TEST_F(FileCacheCopyTest, UnsentBytesAreNoVersionToCopy) {
  ASSERT_TRUE(Write(*source_, 0, "x"));
  EXPECT_EQ(source_->copyable_version(), std::nullopt);
  const File target = cache_->Create({});
  EXPECT_EQ(Copy(*target, 0, kSourceSize), std::nullopt);
  EXPECT_EQ(target->size(), 0u);
  ASSERT_TRUE(source_->Upload({}, To("source")));
  EXPECT_EQ(Copy(*target, 0, kSourceSize), kSourceSize);
}

TEST_F(FileCacheCopyTest, AVersionThatIsGoneMakesNoOtherCopy) {
  const File target = WholeCopy();
  ReplaceSource();
  EXPECT_EQ(CodeOf(target->Upload({}, To("target"))), ErrorCode::kStale);
  EXPECT_EQ(store_.GetContent("target"), std::nullopt);
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"source"});
  EXPECT_TRUE(target->dirty());
  EXPECT_EQ(CodeOf(Read(*target, 0, 10)), ErrorCode::kStale);
  ASSERT_TRUE(target->Truncate(0));
  ASSERT_TRUE(Write(*target, 0, "all new"));
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), "all new");
}

TEST_F(FileCacheCopyTest, WhatIsLocalOutlivesTheVersion) {
  const File target = WholeCopy();
  ASSERT_TRUE(cache_->KeepCopied({}, "another"));
  EXPECT_EQ(store_.count(), 0u);
  ASSERT_TRUE(cache_->KeepCopied({}, "source"));
  store_.RemoveObject("source");
  EXPECT_EQ(ReadAll(*target), content_);
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
}

TEST_F(FileCacheCopyTest, WhatIsLostAlreadyStopsNobodyElse) {
  const File target = WholeCopy();
  ReplaceSource();
  EXPECT_TRUE(cache_->KeepCopied({}, "source"));
  EXPECT_EQ(CodeOf(target->Upload({}, To("target"))), ErrorCode::kStale);
  ASSERT_TRUE(target->Truncate(0));
  ASSERT_TRUE(target->Upload({}, To("target")));
}

TEST_F(FileCacheCopyTest, ACopyFollowsItsSourceToAnotherKey) {
  const File target = WholeCopy();
  ASSERT_EQ(cache_->copied_versions().size(), 1u);
  const BaseVersion from = cache_->copied_versions().front();
  const BaseVersion moved = Stored("moved", content_);
  store_.RemoveObject("source");
  cache_->RebaseCopied(from, moved);
  EXPECT_EQ(Read(*target, 5, 100), content_.substr(5, 100));
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
  ExpectNothingSent();
  EXPECT_TRUE(cache_->copied_versions().empty());
}

TEST_F(FileCacheCopyTest, AnUploadOverTheSourceLeavesTheCopyAsItWas) {
  const File target = WholeCopy();
  ASSERT_TRUE(Write(*source_, 0, "the source is another one now"));
  ASSERT_TRUE(source_->Upload({}, To("source")));
  EXPECT_EQ(ReadAll(*target), content_);
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
}

TEST_F(FileCacheCopyTest, AnUploadOverTheSourceFailsWhileTheCopyCannotBeFetched) {
  const File target = WholeCopy();
  ASSERT_TRUE(Write(*source_, 0, "the source is another one now"));
  faulty_.FailNext(StoreOperation::kGet, Failure(ErrorCode::kUnavailable));
  EXPECT_EQ(CodeOf(source_->Upload({}, To("source"))), ErrorCode::kUnavailable);
  EXPECT_EQ(store_.GetContent("source"), content_);
  ASSERT_TRUE(source_->Upload({}, To("source")));
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
}

TEST_F(FileCacheCopyTest, ACopyThatMeetsAnotherWriterIsCopiedToASibling) {
  const File target = WholeCopy();
  store_.SetObject("target", "another writer's");
  EXPECT_EQ(CodeOf(target->Upload({}, To("target"))), ErrorCode::kStale);
  EXPECT_EQ(store_.GetContent("target"), "another writer's");
  EXPECT_EQ(store_.GetContent(target->base()->key), content_);
  EXPECT_EQ(BytesFetched(), 0u);
  ExpectNothingSent();
}

TEST_F(FileCacheCopyTest, Pitfall26_AnAttemptWhoseAnswerWasLostIsNoConflict) {
  const File target = WholeCopy();
  faulty_.FailNext(StoreOperation::kCompleteUpload, Failure(ErrorCode::kUnavailable), 1, FaultPoint::kAfter);
  ASSERT_FALSE(target->Upload({}, To("target")));
  ASSERT_TRUE(Write(*target, 10, "after the first attempt"));
  ASSERT_TRUE(target->Upload({}, To("target")));
  std::string expected = content_;
  expected.replace(10, 23, "after the first attempt");
  EXPECT_EQ(store_.GetContent("target"), expected);
  EXPECT_EQ(store_.Keys(), (std::vector<ObjectKey>{"source", "target"}));
  EXPECT_EQ(ReadAll(*target), expected);
}

TEST_F(FileCacheCopyTest, AnEmptyAttemptWhoseAnswerWasLostIsNotTheCopy) {
  const File target = cache_->Create({});
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kUnavailable), 1, FaultPoint::kAfter);
  ASSERT_FALSE(target->Upload({}, To("target")));
  ASSERT_EQ(Copy(*target, 0, kSourceSize), kSourceSize);
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
}

TEST_F(FileCacheCopyTest, WhatTheRoleMayNotCopyIsSent) {
  const File target = WholeCopy();
  faulty_.FailNext(StoreOperation::kUploadPartCopy, Failure(ErrorCode::kAccessDenied), FaultyObjectStore::kAlways);
  ASSERT_TRUE(target->Upload({}, To("target")));
  EXPECT_EQ(store_.GetContent("target"), content_);
}

TEST_F(FileCacheCopyTest, AnUnlinkedFileTakesNoCopy) {
  const File target = cache_->Create({});
  target->Discard();
  EXPECT_EQ(Copy(*target, 0, kSourceSize), std::nullopt);
  ASSERT_TRUE(source_->MakeLocal({}));
  EXPECT_EQ(source_->copyable_version(), std::nullopt);
}

}  // namespace
}  // namespace cosfuse
