#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "cache/uploader.h"
#include "cache/uploader_fixture.h"

namespace cosfuse {
namespace {

// A store that has never heard of conditions for multipart uploads, and an uploader that has to find that out.
class ConditionlessStoreTest : public UploaderTest {
 protected:
  Result<UploadOutcome> Upload(const UploadJob& job) {
    TextContent content(large_);
    return plain_uploader_.Run({}, content, job);
  }
  void ChangeBeforeComplete(const std::string& key, std::string_view text) {
    plain_.SetHooks([this, key, text](const RecordedOperation& operation) {
      if (operation.operation == StoreOperation::kUploadPart && operation.key == key) plain_.SetObject(key, text);
    });
  }

  /// What an upload without a base comes to where the role may not look.
  std::optional<ErrorCode> UploadBlindly(bool write_only) {
    FaultyObjectStore blind(plain_, clock_);
    blind.FailNext(StoreOperation::kHead, Failure(ErrorCode::kAccessDenied), FaultyObjectStore::kAlways);
    Uploader uploader({.part_size = 8 * kMiB, .write_only = write_only}, blind, plain_dialects_, clock_, random_,
                      pool_);
    TextContent content(large_);
    const auto outcome = uploader.Run({}, content, Job("k"));
    return outcome ? std::nullopt : std::optional(outcome.error().code());
  }

  /// The client sends the next completion twice.
  void RetryCompletion(FaultPoint point) {
    faulty_plain_.FailKey(StoreOperation::kCompleteUpload, "k", Failure(ErrorCode::kUnavailable), 1, point);
  }

  FakeObjectStore plain_{clock_, {.conditions_at_begin = false, .conditions_at_complete = false}};
  FaultyObjectStore faulty_plain_{plain_, clock_};
  DialectProbe plain_dialects_{"plain", plain_, disk_, clock_, random_};
  Uploader plain_uploader_{{.part_size = 8 * kMiB, .parallel_parts = 4, .conflict_place = {.host_name = "node"}},
                           plain_,
                           plain_dialects_,
                           clock_,
                           random_,
                           pool_};
  Uploader retrying_uploader_{{.part_size = 8 * kMiB, .parallel_parts = 4, .conflict_place = {.host_name = "node"}},
                              faulty_plain_,
                              plain_dialects_,
                              clock_,
                              random_,
                              pool_};
};

TEST_F(ConditionlessStoreTest, Pitfall25_AChangeIsSeenByLookingRightBeforeTheCompletion) {
  const BaseVersion base = {"k", plain_.SetObject("k", "old"), 3};
  ChangeBeforeComplete("k", "winner");
  const auto outcome = Upload(Job("k", base));
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->kind, Kind::kSibling);
  EXPECT_EQ(plain_.GetContent("k"), "winner");
  EXPECT_TRUE(plain_.GetContent(outcome->version.key) == large_);
  EXPECT_EQ(plain_.open_uploads(), 0u);
}

TEST_F(ConditionlessStoreTest, Pitfall25_AChangeBeforeTheCompletionIsTriedAgainIsSeenToo) {
  const BaseVersion base = {"k", plain_.SetObject("k", "old"), 3};
  RetryCompletion(FaultPoint::kLater);
  faulty_plain_.SetHook([this](StoreOperation operation, const ObjectKey& key) {
    if (operation == StoreOperation::kCompleteUpload && key == "k") plain_.SetObject("k", "winner");
  });
  TextContent content(large_);
  const auto outcome = retrying_uploader_.Run({}, content, Job("k", base));
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->kind, Kind::kSibling);
  EXPECT_EQ(plain_.GetContent("k"), "winner");
  EXPECT_EQ(plain_.open_uploads(), 0u);
}

TEST_F(ConditionlessStoreTest, Pitfall26_AnOwnCompletionThatIsTriedAgainIsNoConflict) {
  const BaseVersion base = {"k", plain_.SetObject("k", "old"), 3};
  RetryCompletion(FaultPoint::kTwice);
  TextContent content(large_);
  const auto outcome = retrying_uploader_.Run({}, content, Job("k", base));
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->kind, Kind::kStored);
  EXPECT_TRUE(plain_.GetContent("k") == large_);
}

TEST_F(ConditionlessStoreTest, Pitfall33_ACreationIsSeenTheSameWay) {
  ChangeBeforeComplete("k", "winner");
  const auto outcome = Upload(Job("k"));
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->kind, Kind::kSibling);
  EXPECT_EQ(plain_.GetContent("k"), "winner");
}

TEST_F(ConditionlessStoreTest, AnUndisturbedUploadCostsOneLookMore) {
  const BaseVersion base = {"k", plain_.SetObject("k", "old"), 3};
  ASSERT_TRUE(Upload(Job("k", base)));
  plain_.ForgetOperations();
  const BaseVersion next = {"k", plain_.GetInfo("k")->etag, large_.size()};
  ASSERT_TRUE(Upload(Job("k", next)));
  EXPECT_EQ(plain_.Count(StoreOperation::kHead), 1u);
  EXPECT_EQ(plain_.count(), 1u + 3u + 1u + 1u) << "begin, parts, look, complete";
  EXPECT_EQ(plain_.Keys(), (std::vector<ObjectKey>{"k"})) << "nothing is left of the probe";
}

TEST_F(ConditionlessStoreTest, Pitfall25_WhatCannotBeLookedAtIsNotReplacedButByADropBox) {
  plain_.SetObject("k", "somebody's");
  EXPECT_EQ(UploadBlindly(false), ErrorCode::kAccessDenied);
  EXPECT_EQ(plain_.GetContent("k"), "somebody's");
  EXPECT_EQ(plain_.open_uploads(), 0u);
  EXPECT_EQ(UploadBlindly(true), std::nullopt);
  EXPECT_TRUE(plain_.GetContent("k") == large_);
}

TEST_F(ConditionlessStoreTest, WhatReplacesAnyVersionAsksNothing) {
  UploadJob job = Job("k");
  job.target.mode = WriteMode::kReplaceAny;
  ASSERT_TRUE(Upload(job));
  EXPECT_EQ(plain_.Count(StoreOperation::kBeginUpload), 1u);
  EXPECT_EQ(plain_.Count(StoreOperation::kHead), 0u);
}

}  // namespace
}  // namespace cosfuse
