#include "cache/uploader.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "cache/changes_archive.h"
#include "cache/uploader_fixture.h"

namespace cosfuse {
namespace {

TEST_F(UploaderTest, ANewSmallFileIsOneConditionalPut) {
  const auto outcome = Run("hello", Job("new"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kStored);
  EXPECT_EQ(outcome->version.etag, store_.GetInfo("new")->etag);
  EXPECT_EQ(outcome->version.size, 5u);
  EXPECT_EQ(store_.GetContent("new"), "hello");
  EXPECT_EQ(store_.count(), 1u);
  EXPECT_TRUE(Last(StoreOperation::kPut).conditions.create_only);
  const auto metadata = store_.GetInfo("new")->metadata;
  EXPECT_EQ(metadata.user.at("mode"), "33188");
  EXPECT_EQ(metadata.user.at("cosfuse-upload-id").size(), 32u);
  EXPECT_EQ(metadata.content_type, "text/plain");
}

TEST_F(UploaderTest, AnEmptyFileIsStored) {
  ASSERT_TRUE(Run("", Job("empty")));
  EXPECT_EQ(store_.GetContent("empty"), "");
}

TEST_F(UploaderTest, ARewriteIsConditionalOnItsBase) {
  const BaseVersion base = Existing("k", "old");
  ASSERT_TRUE(Run("new", Job("k", base)));
  EXPECT_EQ(Last(StoreOperation::kPut).conditions.if_match, base.etag);
  EXPECT_EQ(store_.GetContent("k"), "new");
}

TEST_F(UploaderTest, ABaseUnderAnotherNameDoesNotLetTheTargetBeReplaced) {
  const UploadTarget target{"to", {}, WriteMode::kOverBase};
  EXPECT_TRUE(ConditionsOfUpload(target, BaseVersion{"from", ETag{"e"}, 1}).create_only);
}

TEST_F(UploaderTest, ReplaceAnyHasNoConditionsAndNeverLooks) {
  Existing("k", "somebody's");
  UploadJob job = Job("k");
  job.target.mode = WriteMode::kReplaceAny;
  faulty_.FailNext(StoreOperation::kHead, Failure(ErrorCode::kAccessDenied), FaultyObjectStore::kAlways);
  ASSERT_TRUE(Run("mine", job));
  EXPECT_EQ(store_.count(), 1u);
  EXPECT_FALSE(Last(StoreOperation::kPut).conditions.create_only);
  EXPECT_TRUE(Last(StoreOperation::kPut).conditions.if_match.empty());
}

TEST_F(UploaderTest, ALargeFileGoesUpInParts) {
  std::string text = large_;
  for (size_t i = 0; i < text.size(); i += 4096) text[i] = static_cast<char>('a' + i / 4096 % 26);
  const auto outcome = Run(text, Job("large"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->version.etag, store_.GetInfo("large")->etag);
  EXPECT_TRUE(store_.GetContent("large") == text);
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 3u);
  EXPECT_EQ(store_.Count(StoreOperation::kPut), 0u);
  EXPECT_TRUE(Last(StoreOperation::kBeginUpload).conditions.create_only);
  EXPECT_TRUE(Last(StoreOperation::kCompleteUpload).conditions.create_only);
  EXPECT_TRUE(store_.GetInfo("large")->metadata.user.contains("cosfuse-upload-id"));
}

TEST_F(UploaderTest, AFailureIsAnErrorAndTheObjectIsAsBefore) {
  const BaseVersion base = Existing("k", "old");
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kUnavailable));
  const auto outcome = Run("new", Job("k", base));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_.GetContent("k"), "old");
}

TEST_F(UploaderTest, Pitfall48_AFailedPartAbortsTheUpload) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kAccessDenied, ErrorCode::kCancelled}) {
    faulty_.FailNext(StoreOperation::kUploadPart, Failure(code));
    const auto outcome = Run(large_, Job("k"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code(), code);
    EXPECT_EQ(store_.open_uploads(), 0u);
  }
}

TEST_F(UploaderTest, Pitfall48_AFailedCompletionAbortsTheUpload) {
  faulty_.FailNext(StoreOperation::kCompleteUpload, Failure(ErrorCode::kUnavailable));
  EXPECT_FALSE(Run(large_, Job("k")));
  EXPECT_EQ(store_.open_uploads(), 0u);
  EXPECT_FALSE(store_.GetContent("k"));
}

TEST_F(UploaderTest, Pitfall48_AConflictThatIsSeenLateAbortsTheUpload) {
  const BaseVersion base = Existing("k", "old");
  store_.SetHooks([this](const RecordedOperation& operation) {
    if (operation.operation == StoreOperation::kCompleteUpload && operation.key == "k")
      store_.SetObject("k", "foreign");
  });
  const auto outcome = Run(large_, Job("k", base));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kSibling);
  EXPECT_EQ(store_.GetContent("k"), "foreign");
  EXPECT_EQ(store_.open_uploads(), 0u);
}

TEST_F(UploaderTest, AnUploadThatSomebodyAbortedIsBegunAnew) {
  faulty_.FailNext(StoreOperation::kUploadPart, Failure(ErrorCode::kMissingUpload));
  ASSERT_TRUE(Run(large_, Job("k")));
  EXPECT_EQ(store_.Count(StoreOperation::kBeginUpload), 2u);
  EXPECT_TRUE(store_.GetContent("k") == large_);
  EXPECT_EQ(store_.open_uploads(), 0u);
}

TEST_F(UploaderTest, Pitfall26_AnAnswerThatWasLostIsNotAConflict) {
  for (const auto& [base, code] : {std::pair{std::optional<BaseVersion>(), ErrorCode::kAlreadyExists},
                                   std::pair{std::optional(Existing("k", "old")), ErrorCode::kStale}}) {
    if (!base) store_.RemoveObject("k");
    if (base) store_.SetObject("k", "old");
    faulty_.FailNext(StoreOperation::kPut, Failure(code), 1, FaultPoint::kAfter);
    const auto outcome = Run("mine", Job("k", base));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->kind, Kind::kStored);
    EXPECT_EQ(outcome->version.etag, store_.GetInfo("k")->etag);
    EXPECT_EQ(store_.Keys().size(), 1u);
  }
}

TEST_F(UploaderTest, Pitfall26_ACompletionThatWasLostIsNotAConflict) {
  for (const ErrorCode code : {ErrorCode::kMissingUpload, ErrorCode::kAlreadyExists}) {
    store_.RemoveObject("k");
    faulty_.FailNext(StoreOperation::kCompleteUpload, Failure(code), 1, FaultPoint::kAfter);
    const auto outcome = Run(large_, Job("k"));
    ASSERT_TRUE(outcome) << outcome.error().ToString();
    EXPECT_EQ(outcome->kind, Kind::kStored);
    EXPECT_EQ(outcome->version.etag, store_.GetInfo("k")->etag);
    EXPECT_EQ(store_.Keys(), (std::vector<ObjectKey>{"k"}));
  }
  EXPECT_EQ(store_.Count(StoreOperation::kBeginUpload), 2u);
}

TEST_F(UploaderTest, Pitfall26_ACompletionThatWasLostIsFoundWithoutConditionsToo) {
  UploadJob job = Job("k", Existing("k", "old"));
  job.target.mode = WriteMode::kReplaceAny;
  faulty_.FailNext(StoreOperation::kCompleteUpload, Failure(ErrorCode::kMissingUpload), 1, FaultPoint::kAfter);
  const auto outcome = Run(large_, job);
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->kind, Kind::kStored);
  EXPECT_EQ(outcome->version.etag, store_.GetInfo("k")->etag);
  EXPECT_EQ(store_.Count(StoreOperation::kBeginUpload), 1u) << "begun anew, it would need the base that is gone";
}

TEST_F(UploaderTest, Pitfall26_WhatAnEarlierAttemptMadeIsNotAConflict) {
  const BaseVersion base = Existing("k", "old");
  const UploadJob first = Job("k", base);
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kTimedOut), 1, FaultPoint::kAfter);
  ASSERT_FALSE(Run("first", first));
  UploadJob second = Job("k", base);
  second.earlier_ids = {first.id};
  const auto outcome = Run("second", second);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kEarlierOwn);
  EXPECT_EQ(outcome->version.etag, store_.GetInfo("k")->etag);
  EXPECT_EQ(store_.GetContent("k"), "first");
}

TEST_F(UploaderTest, IfItCannotBeFoundOutWhoseVersionItIsNothingIsDecided) {
  const BaseVersion base = Existing("k", "old");
  store_.SetObject("k", "foreign");
  faulty_.FailNext(StoreOperation::kHead, Failure(ErrorCode::kUnavailable));
  const auto outcome = Run("mine", Job("k", base));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_.Keys().size(), 1u);
}

TEST_F(UploaderTest, Pitfall25_TheLoserOfAConflictKeepsItsBytesAsASibling) {
  const BaseVersion base = Existing("dir/k", "old");
  store_.SetObject("dir/k", "winner");
  const auto outcome = Run("loser", Job("dir/k", base));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kSibling);
  EXPECT_EQ(outcome->version.key, "dir/k.conflict-node-20260101T000000Z");
  EXPECT_EQ(store_.GetContent("dir/k"), "winner");
  EXPECT_EQ(store_.GetContent(outcome->version.key), "loser");
  EXPECT_EQ(outcome->version.etag, store_.GetInfo(outcome->version.key)->etag);
}

TEST_F(UploaderTest, ByPolicyAConflictStoresNothing) {
  const BaseVersion base = Existing("k", "old");
  store_.SetObject("k", "winner");
  TextContent content("loser");
  const auto outcome = WithPolicy(ConflictPolicy::kFail)->Run({}, content, Job("k", base));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::kStale);
  EXPECT_EQ(store_.GetContent("k"), "winner");
  EXPECT_EQ(store_.Keys().size(), 1u);
}

TEST_F(UploaderTest, ByPolicyAConflictReplacesTheVersionThatWasSeen) {
  const BaseVersion base = Existing("k", "old");
  const ETag winner = store_.SetObject("k", "winner");
  TextContent content("loser");
  const auto outcome = WithPolicy(ConflictPolicy::kOverwrite)->Run({}, content, Job("k", base));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kStored);
  EXPECT_EQ(store_.GetContent("k"), "loser");
  EXPECT_EQ(Last(StoreOperation::kPut).conditions.if_match, winner);
}

TEST_F(UploaderTest, ByPolicyADeletedObjectIsMadeAgain) {
  const BaseVersion base = Existing("k", "old");
  store_.RemoveObject("k");
  TextContent content("mine");
  const auto outcome = WithPolicy(ConflictPolicy::kOverwrite)->Run({}, content, Job("k", base));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(store_.GetContent("k"), "mine");
  EXPECT_TRUE(Last(StoreOperation::kPut).conditions.create_only);
}

TEST_F(UploaderTest, ByPolicyAVersionThatCannotBeLookedAtIsAConflict) {
  const BaseVersion base = Existing("k", "old");
  store_.SetObject("k", "winner");
  faulty_.FailNext(StoreOperation::kHead, Failure(ErrorCode::kAccessDenied), FaultyObjectStore::kAlways);
  TextContent content("loser");
  const auto outcome = WithPolicy(ConflictPolicy::kOverwrite)->Run({}, content, Job("k", base));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::kStale);
  EXPECT_EQ(store_.GetContent("k"), "winner");
}

TEST_F(UploaderTest, ByPolicyWhatIsNotWholeReplacesNothingAndIsKept) {
  const BaseVersion base = Existing("k", "old");
  store_.SetObject("k", "winner");
  TextContent content("loser");
  content.base_gone = true;
  const auto outcome = WithPolicy(ConflictPolicy::kOverwrite)->Run({}, content, Job("k", base));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kArchived);
  EXPECT_EQ(store_.GetContent("k"), "winner");
}

TEST_F(UploaderTest, Pitfall25_ADeletedBaseIsAConflict) {
  const BaseVersion base = Existing("k", "old");
  store_.RemoveObject("k");
  const auto outcome = Run("mine", Job("k", base));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kSibling);
  EXPECT_FALSE(store_.GetContent("k"));
}

TEST_F(UploaderTest, ATakenSiblingNameGetsANumber) {
  store_.SetObject("k", "winner");
  store_.SetObject("k.conflict-node-20260101T000000Z", "earlier loser");
  const auto outcome = Run("loser", Job("k"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->version.key, "k.conflict-node-20260101T000000Z-1");
  EXPECT_EQ(store_.GetContent("k.conflict-node-20260101T000000Z"), "earlier loser");
}

TEST_F(UploaderTest, ASiblingWhoseAnswerWasLostIsNotStoredTwice) {
  store_.SetObject("k", "winner");
  faulty_.FailKey(StoreOperation::kPut, "k.conflict-node-20260101T000000Z", Failure(ErrorCode::kAlreadyExists), 1,
                  FaultPoint::kAfter);
  const auto outcome = Run("loser", Job("k"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->version.key, "k.conflict-node-20260101T000000Z");
  EXPECT_EQ(store_.Keys().size(), 2u);
}

TEST_F(UploaderTest, ASiblingWhoseAnswerWasLostTakesWhatTheNextAttemptStores) {
  store_.SetObject("k", "winner");
  store_.SetObject("k.conflict-node-20251231T000000Z", "somebody's");
  faulty_.FailKey(StoreOperation::kPut, "k.conflict-node-20260101T000000Z", Failure(ErrorCode::kUnavailable), 1,
                  FaultPoint::kAfter);
  const UploadJob first = Job("k");
  ASSERT_FALSE(Run("loser", first));
  clock_.Advance(std::chrono::minutes(1));
  UploadJob second = Job("k");
  second.earlier_ids = {first.id};
  const auto outcome = Run("loser, and more", second);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kSibling);
  EXPECT_EQ(outcome->version.key, "k.conflict-node-20260101T000000Z");
  EXPECT_EQ(store_.GetContent("k.conflict-node-20260101T000000Z"), "loser, and more");
  EXPECT_EQ(store_.GetContent("k.conflict-node-20251231T000000Z"), "somebody's");
  EXPECT_EQ(store_.Keys().size(), 3u);
}

TEST_F(UploaderTest, ASiblingThatSomebodyHasChangedSinceStays) {
  store_.SetObject("k", "winner");
  faulty_.FailKey(StoreOperation::kPut, "k.conflict-node-20260101T000000Z", Failure(ErrorCode::kUnavailable), 1,
                  FaultPoint::kAfter);
  UploadJob second = Job("k");
  second.earlier_ids = {second.id};
  ASSERT_FALSE(Run("loser", second));
  second.id = uploader_.NewUploadId();
  faulty_.SetHook([&](StoreOperation operation, const ObjectKey& key) {
    if (operation != StoreOperation::kPut || key == "k") return;
    store_.SetObject("k.conflict-node-20260101T000000Z", "changed");
    faulty_.SetHook({});
  });
  const auto outcome = Run("loser", second);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->version.key, "k.conflict-node-20260101T000000Z-1");
  EXPECT_EQ(store_.GetContent("k.conflict-node-20260101T000000Z"), "changed");
}

TEST_F(UploaderTest, ARoleThatMayNotLookTakesARefusalForAConflict) {
  store_.SetObject("k", "winner");
  faulty_.FailNext(StoreOperation::kHead, Failure(ErrorCode::kAccessDenied), FaultyObjectStore::kAlways);
  const auto outcome = Run("loser", Job("k"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kSibling);
  EXPECT_EQ(store_.GetContent("k"), "winner");
}

// An edit whose base another program has replaced before all of it was here.
class IncompleteLoserTest : public UploaderTest {
 protected:
  IncompleteLoserTest() { content_.base_gone = true; }
  static constexpr char kArchive[] = "k.conflict-node-20260101T000000Z.changes.tar";

  void ExpectArchive(const std::string& key) {
    const std::string archive = store_.GetContent(key).value_or("");
    const auto head = ParseArchiveHead(archive);
    ASSERT_TRUE(head && *head);
    const ChangesManifest wanted{.key = "k", .base = base_.etag, .size = 10, .missing = {{5, 5}}};
    EXPECT_TRUE((*head)->manifest == wanted);
    EXPECT_EQ(archive.substr((*head)->length, 5), "half ");
    EXPECT_EQ(store_.GetContent("k"), "winner");
  }

  const BaseVersion base_ = Existing("k", "old");
  const ETag winner_ = store_.SetObject("k", "winner");
  TextContent content_{"half of it"};
};

TEST_F(IncompleteLoserTest, IsKeptAsAnArchive) {
  const auto outcome = uploader_.Run({}, content_, Job("k", base_));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, Kind::kArchived);
  EXPECT_EQ(outcome->version.key, kArchive);
  ExpectArchive(kArchive);
  EXPECT_EQ(store_.Keys().size(), 2U);
}

TEST_F(IncompleteLoserTest, ReplacesItsArchiveByALaterOne) {
  UploadJob later = Job("k", base_);
  later.archive = uploader_.Run({}, content_, Job("k", base_))->version;
  later.target.key = later.archive->key;
  faulty_.FailKey(StoreOperation::kPut, kArchive, Failure(ErrorCode::kStale), 1, FaultPoint::kAfter);
  const auto outcome = uploader_.Run({}, content_, later);
  ASSERT_TRUE(outcome) << "it was the answer that was lost";
  EXPECT_EQ(outcome->version.key, kArchive);
  EXPECT_EQ(outcome->version.etag, store_.GetInfo(kArchive)->etag);
  ExpectArchive(kArchive);
  EXPECT_EQ(store_.Keys().size(), 2U);
}

TEST_F(IncompleteLoserTest, LeavesAnArchiveAloneThatAnotherProgramHasChanged) {
  UploadJob later = Job("k", base_);
  later.archive = uploader_.Run({}, content_, Job("k", base_))->version;
  later.target.key = later.archive->key;
  store_.SetObject(kArchive, "unpacked, and written over");
  clock_.Advance(std::chrono::seconds(1));
  const auto outcome = uploader_.Run({}, content_, later);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(store_.GetContent(kArchive), "unpacked, and written over");
  ExpectArchive("k.conflict-node-20260101T000001Z.changes.tar");
}

TEST_F(IncompleteLoserTest, StaysHereWhileSomeOfItIsOnlyInAnUnfinishedUpload) {
  content_.parked = true;
  const auto outcome = uploader_.Run({}, content_, Job("k", base_));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::kStale);
  EXPECT_EQ(store_.Keys().size(), 1U);
}

TEST_F(IncompleteLoserTest, AnArchiveThatCannotBeStoredNowIsAFailureOfTheStore) {
  faulty_.FailKey(StoreOperation::kPut, kArchive, Failure(ErrorCode::kUnavailable));
  EXPECT_EQ(uploader_.Run({}, content_, Job("k", base_)).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_.Keys().size(), 1U);
}

TEST(UploaderWithVersionsTest, ABaseThatTheBucketKeepsMakesTheLoserWhole) {
  FakeClock clock;
  FakeObjectStore store(clock, {.versioned = true});
  FakeDisk disk;
  SeededRandom random{1};
  ThreadPool pool({.name = "test", .max_threads = 4});
  DialectProbe dialects("store", store, disk, clock, random);
  Uploader uploader({.conflict_place = {.host_name = "node", .prefix = "lost/"}}, store, dialects, clock, random, pool);
  store.SetObject("k", "older");
  const BaseVersion base{"k", store.SetObject("k", "old"), 3};
  store.SetObject("k", "winner");
  store.SetObject("k2", "old");
  TextContent content("half of it");
  content.base_gone = true;
  UploadJob job;
  job.target.key = "k";
  job.base = base;
  job.id = "id";
  const auto outcome = uploader.Run({}, content, job);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, UploadOutcome::Kind::kSibling);
  EXPECT_EQ(outcome->version.key, "lost/k.conflict-node-20260101T000000Z");
  EXPECT_EQ(content.base_version, "version-00000002");
  EXPECT_EQ(store.GetContent(outcome->version.key), "half of it");
}

TEST_F(UploaderTest, TooLargeIsRefusedBeforeAnythingIsSent) {
  class Huge final : public UploadContent {
    ByteCount size() const override { return kLargestObject + 1; }
    Result<> Prepare(const OpContext& /*context*/, ByteRange /*range*/) override { return {}; }
    Result<> Read(ByteCount /*offset*/, std::span<std::byte> /*out*/) override { return {}; }
  };
  Huge content;
  const auto outcome = uploader_.Run({}, content, Job("k"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::kTooLarge);
  EXPECT_EQ(store_.count(), 0u);
}

TEST_F(UploaderTest, Pitfall19_ARewriteKeepsTheTagsOfItsBase) {
  for (const std::string& text : {std::string("small"), large_}) {
    const ObjectTags tags = {{"team", "billing"}};
    const BaseVersion base = Existing("k", "old");
    ASSERT_TRUE(store_.SetTags({}, "k", tags));
    UploadJob job = Job("k", base);
    job.target.metadata.tag_count = 1;
    ASSERT_TRUE(Run(text, job));
    EXPECT_EQ(store_.GetTags({}, "k", {}), tags);
  }
}

TEST_F(UploaderTest, Pitfall19_ASiblingHasTheTagsOfItsBaseAndNotTheWinners) {
  for (const bool versioned : {true, false}) {
    FakeObjectStore store(clock_, {.versioned = versioned});
    Uploader uploader({.conflict_place = {.host_name = "node"}}, store, dialects_, clock_, random_, pool_);
    const ObjectTags tags = {{"team", "billing"}};
    UploadJob job = Job("k", BaseVersion{"k", store.SetObject("k", "old"), 3});
    job.target.metadata.tag_count = 1;
    ASSERT_TRUE(store.SetTags({}, "k", tags));
    store.SetObject("k", "winner");
    ASSERT_TRUE(store.SetTags({}, "k", {{"team", "sales"}}));
    TextContent content("all of mine");
    const auto outcome = uploader.Run({}, content, job);
    ASSERT_TRUE(outcome && outcome->kind == Kind::kSibling);
    EXPECT_EQ(store.GetTags({}, outcome->version.key, {}), versioned ? tags : ObjectTags());
  }
}

TEST_F(UploaderTest, TagsAreNotAskedForWhereNoneAreCounted) {
  ASSERT_TRUE(Run("new", Job("k", Existing("k", "old"))));
  EXPECT_EQ(store_.Count(StoreOperation::kGetTags), 0u);
}

TEST_F(UploaderTest, Pitfall19_TagsThatCannotBeReadNowDelayTheRewrite) {
  UploadJob job = Job("k", Existing("k", "old"));
  job.target.metadata.tag_count = 1;
  faulty_.FailNext(StoreOperation::kGetTags, Failure(ErrorCode::kUnavailable));
  EXPECT_EQ(Run("new", job).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(store_.GetContent("k"), "old");
}

TEST_F(UploaderTest, ARoleThatMayNotReadTagsRewritesWithoutThem) {
  UploadJob job = Job("k", Existing("k", "old"));
  job.target.metadata.tag_count = 1;
  faulty_.FailNext(StoreOperation::kGetTags, Failure(ErrorCode::kAccessDenied), FaultyObjectStore::kAlways);
  ASSERT_TRUE(Run("new", job));
  EXPECT_EQ(store_.GetContent("k"), "new");
}

}  // namespace
}  // namespace cosfuse
