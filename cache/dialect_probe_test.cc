#include "cache/dialect_probe.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "cache/fake_disk.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"

namespace cosfuse {
namespace {

class DialectProbeTest : public testing::Test {
 protected:
  /// A store of this dialect, and a probe that knows nothing yet.
  void Use(bool at_begin, bool at_complete) {
    store_ = std::make_unique<FakeObjectStore>(
        clock_, FakeObjectStore::Options{.conditions_at_begin = at_begin, .conditions_at_complete = at_complete});
    faulty_ = std::make_unique<FaultyObjectStore>(*store_, clock_);
    Restart();
  }
  void Restart(const std::string& name = "store") {
    probe_ = std::make_unique<DialectProbe>(name, *faulty_, disk_, clock_, random_);
  }
  Result<StoreDialect> Fetch() { return probe_->Fetch({}, "dir/large file"); }

  FakeClock clock_;
  SeededRandom random_{1};
  FakeDisk disk_;
  std::unique_ptr<FakeObjectStore> store_;
  std::unique_ptr<FaultyObjectStore> faulty_;
  std::unique_ptr<DialectProbe> probe_;
};

TEST_F(DialectProbeTest, FindsOutEveryDialectAndLeavesNothingBehind) {
  struct Row {
    bool at_begin;
    bool at_complete;
    StoreDialect found;
    size_t requests;
  };
  for (const Row& row : {Row{true, true, {true, false}, 1}, Row{true, false, {true, false}, 1},
                         Row{false, true, {false, true}, 7}, Row{false, false, {false, false}, 7}}) {
    Use(row.at_begin, row.at_complete);
    disk_.ReplaceSmallFile(kDialectFile, "").value();
    store_->SetObject("dir/large file", "content");
    EXPECT_EQ(Fetch(), row.found);
    EXPECT_EQ(store_->count(), row.requests);
    EXPECT_EQ(store_->Keys(), std::vector<ObjectKey>{"dir/large file"});
    EXPECT_EQ(store_->open_uploads(), 0U);
  }
}

TEST_F(DialectProbeTest, AsksOnceAndRemembersAcrossStarts) {
  Use(false, true);
  ASSERT_TRUE(Fetch());
  const size_t asked = store_->count();
  EXPECT_EQ(Fetch(), (StoreDialect{false, true}));
  Restart();
  EXPECT_EQ(Fetch(), (StoreDialect{false, true}));
  EXPECT_EQ(store_->count(), asked);
  Restart("another store");
  EXPECT_TRUE(Fetch());
  EXPECT_GT(store_->count(), asked);
}

TEST_F(DialectProbeTest, AsksAgainAfterAWeek) {
  Use(true, true);
  ASSERT_TRUE(Fetch());
  clock_.Advance(std::chrono::days(8));
  Restart();
  ASSERT_TRUE(Fetch());
  EXPECT_EQ(store_->count(), 2U);
}

TEST_F(DialectProbeTest, ADiskThatTakesNothingCostsAProbeForEachStart) {
  Use(true, true);
  disk_.FailReplacements();
  EXPECT_EQ(Fetch(), (StoreDialect{true, false}));
  EXPECT_EQ(Fetch(), (StoreDialect{true, false}));
  EXPECT_EQ(store_->count(), 1U);
}

TEST_F(DialectProbeTest, WithoutTheRightToDeleteTheCompletionIsNotTried) {
  Use(false, true);
  faulty_->FailNext(StoreOperation::kDelete, Error(ErrorCode::kAccessDenied, "no right"), FaultyObjectStore::kAlways);
  EXPECT_EQ(Fetch(), StoreDialect());
  EXPECT_EQ(store_->Count(StoreOperation::kCompleteUpload), 0U);
  EXPECT_EQ(store_->open_uploads(), 0U);
}

TEST_F(DialectProbeTest, AStoreThatCannotBeReachedLeavesItUnknown) {
  for (const StoreOperation operation : {StoreOperation::kBeginUpload, StoreOperation::kDelete,
                                         StoreOperation::kUploadPart, StoreOperation::kCompleteUpload}) {
    Use(false, true);
    disk_.ReplaceSmallFile(kDialectFile, "").value();
    faulty_->FailNext(operation, Error(ErrorCode::kUnavailable, "injected"));
    const auto found = Fetch();
    ASSERT_FALSE(found) << StoreOperationName(operation);
    EXPECT_EQ(found.error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(Fetch(), (StoreDialect{false, true})) << "asked again";
    EXPECT_TRUE(store_->Keys().empty());
  }
}

TEST_F(DialectProbeTest, ALostAnswerOfACompletionThatWentThroughCountsAsIgnored) {
  Use(false, false);
  faulty_->FailNext(StoreOperation::kCompleteUpload, Error(ErrorCode::kMissingUpload, "gone"), 1, FaultPoint::kAfter);
  EXPECT_EQ(Fetch(), StoreDialect());
  EXPECT_TRUE(store_->Keys().empty());
}

TEST_F(DialectProbeTest, WhatCannotBeRemovedIsNotMadeTwice) {
  Use(false, false);
  // A bucket with a retention policy: what is not there may be deleted, what is there may not.
  faulty_->SetHook([this](StoreOperation operation, const ObjectKey& /*key*/) {
    if (operation == StoreOperation::kCompleteUpload) {
      faulty_->FailNext(StoreOperation::kDelete, Error(ErrorCode::kNotPermitted, "retained"));
    }
  });
  EXPECT_EQ(Fetch(), StoreDialect());
  EXPECT_EQ(Fetch(), StoreDialect());
  EXPECT_EQ(store_->Keys().size(), 1U);
}

TEST_F(DialectProbeTest, AnUploadThatCannotBeAbortedIsNotBegunTwice) {
  Use(false, true);
  faulty_->FailNext(StoreOperation::kAbortUpload, Error(ErrorCode::kAccessDenied, "no right"),
                    FaultyObjectStore::kAlways);
  EXPECT_EQ(Fetch(), (StoreDialect{false, true}));
  const size_t left = store_->open_uploads();
  EXPECT_EQ(Fetch(), (StoreDialect{false, true}));
  EXPECT_EQ(store_->open_uploads(), left);
}

TEST_F(DialectProbeTest, Pitfall48_WhoGivesUpLeavesNoUploadBehind) {
  for (const StoreOperation moment : {StoreOperation::kBeginUpload, StoreOperation::kUploadPart}) {
    Use(false, true);
    disk_.ReplaceSmallFile(kDialectFile, "").value();
    const auto cancellation = std::make_shared<Cancellation>();
    store_->SetHooks({}, [&](const RecordedOperation& call) {
      if (call.operation == moment) cancellation->Cancel();
    });
    const auto found = probe_->Fetch(OpContext().WithCancellation(cancellation), "dir/large file");
    ASSERT_FALSE(found) << StoreOperationName(moment);
    EXPECT_EQ(found.error().code(), ErrorCode::kCancelled);
    EXPECT_EQ(store_->open_uploads(), 0U);
    EXPECT_TRUE(store_->Keys().empty());
  }
}

TEST_F(DialectProbeTest, ANameThatIsTooLongForAProbeLeavesTheCompletionUntried) {
  Use(false, true);
  EXPECT_EQ(probe_->Fetch({}, std::string(1020, 'd') + "/f"), StoreDialect());
  EXPECT_EQ(store_->Count(StoreOperation::kDelete), 0U);
}

}  // namespace
}  // namespace cosfuse
