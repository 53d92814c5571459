#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "cache/changes_archive.h"
#include "cache/file_cache.h"
#include "cache/file_cache_fixture.h"

namespace cosfuse {
namespace {

class FileCacheUploadTest : public FileCacheFixture {
 protected:
  File NewFile(std::string_view content) {
    const File file = cache_->Create({});
    EXPECT_TRUE(Write(*file, 0, content));
    return file;
  }
};

TEST_F(FileCacheUploadTest, ANewFileIsOneRequest) {
  const File file = NewFile("hello");
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), "hello");
  EXPECT_EQ(store_.count(), 1u);
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(file->base()->key, "k");
  EXPECT_EQ(file->base()->etag, store_.GetInfo("k")->etag);
  EXPECT_EQ(file->base()->size, 5u);
  EXPECT_EQ(cache_->statistics().dirty_bytes, 0u);
}

TEST_F(FileCacheUploadTest, WhatWasUploadedIsReadWithoutARequest) {
  const File file = NewFile("hello");
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(Read(*file, 0, 10, OpContext::Immediate()), "hello");
  EXPECT_EQ(store_.Count(StoreOperation::kGet), 0u);
}

TEST_F(FileCacheUploadTest, ACleanFileIsNotUploadedAgain) {
  const File file = NewFile("hello");
  ASSERT_TRUE(file->Upload({}, To("k")));
  ASSERT_TRUE(file->Upload(OpContext::Immediate(), To("k")));
  EXPECT_EQ(store_.count(), 1u);
}

TEST_F(FileCacheUploadTest, AnEmptyFileIsUploaded) {
  const File file = cache_->Create({});
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), "");
}

TEST_F(FileCacheUploadTest, AFileThatReplacesAVersionHasNoneOfItsBytesAndIsConditionalOnIt) {
  const BaseVersion replaced = Stored("k", "old and long");
  const File file = cache_->Create(replaced);
  EXPECT_EQ(file->size(), 0u);
  EXPECT_EQ(file->base()->etag, replaced.etag);
  ASSERT_TRUE(Write(*file, 2, "new"));
  EXPECT_EQ(ReadAll(*file), std::string("\0\0new", 5));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), std::string("\0\0new", 5));
  EXPECT_EQ(store_.count(), 1u);
  EXPECT_EQ(store_.operations().front().conditions.if_match, replaced.etag);
}

TEST_F(FileCacheUploadTest, Pitfall10_ContentAndLengthOfAnOverwriteBelongTogether) {
  std::string present = "a first version of some length";
  const File file = cache_->OpenBase(Stored("k", present));
  for (const std::string& next : {std::string("short"), RandomText(70'000, 1), std::string("x"), std::string()}) {
    ASSERT_TRUE(file->Truncate(0));
    ASSERT_TRUE(Write(*file, 0, next));
    ASSERT_TRUE(file->Upload({}, To("k")));
    EXPECT_EQ(store_.GetContent("k"), next);
    EXPECT_EQ(file->size(), next.size());
    EXPECT_EQ(ReadAll(*file), next);
  }
}

TEST_F(FileCacheUploadTest, AnEditFetchesWhatIsMissingOnce) {
  const std::string content = RandomText(2 * kMiB, 2);
  const File file = cache_->OpenBase(Stored("k", content));
  std::string expected = content;
  for (int i = 0; i < 3; ++i) {
    const ByteCount at = 500'000 * static_cast<ByteCount>(i + 1);
    ASSERT_TRUE(Write(*file, at, "edited"));
    expected.replace(at, 6, "edited");
    ASSERT_TRUE(file->Upload({}, To("k")));
    EXPECT_TRUE(store_.GetContent("k") == expected);
  }
  EXPECT_LE(BytesFetched(), content.size());
  EXPECT_TRUE(ReadAll(*file) == expected);
}

TEST_F(FileCacheUploadTest, AnEditOfASmallResidentFileFetchesNothing) {
  const File file = cache_->OpenWithContent(Stored("k", "0123456789"), "0123456789");
  ASSERT_TRUE(Write(*file, 3, "xyz"));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), "012xyz6789");
  EXPECT_EQ(store_.count(), 1u);
}

TEST_F(FileCacheUploadTest, OfALargeFileOnlyWhatWasEditedGoesUp) {
  options_.part_size = 8 * kMiB;
  options_.memory_budget = 8 * kMiB;
  Restart();
  const std::string content = RandomText(17 * kMiB, 3);
  const File file = cache_->OpenBase(Stored("k", content));
  ASSERT_TRUE(Write(*file, 9 * kMiB, "edited"));
  ASSERT_TRUE(file->Upload({}, To("k")));
  std::string expected = content;
  expected.replace(9 * kMiB, 6, "edited");
  EXPECT_TRUE(store_.GetContent("k") == expected);
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 1u);
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPartCopy), 2u);
  EXPECT_LE(BytesFetched(), 6 * kMiB);
  EXPECT_EQ(store_.open_uploads(), 0u);
}

TEST_F(FileCacheUploadTest, ARoleThatMayNotCopySendsAll) {
  const std::string content = RandomText(17 * kMiB, 3);
  const File file = cache_->OpenBase(Stored("k", content));
  ASSERT_TRUE(Write(*file, 9 * kMiB, "edited"));
  faulty_.FailNext(StoreOperation::kUploadPartCopy, Failure(ErrorCode::kAccessDenied), FaultyObjectStore::kAlways);
  ASSERT_TRUE(file->Upload({}, To("k")));
  std::string expected = content;
  expected.replace(9 * kMiB, 6, "edited");
  EXPECT_TRUE(store_.GetContent("k") == expected);
  EXPECT_EQ(store_.open_uploads(), 0u);
}

TEST_F(FileCacheUploadTest, ATruncationToHalfSendsNothing) {
  const std::string content = RandomText(40 * kMiB, 3);
  const File file = cache_->OpenBase(Stored("k", content));
  ASSERT_TRUE(file->Truncate(20 * kMiB));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == content.substr(0, 20 * kMiB));
  EXPECT_EQ(BytesFetched(), 0u);
  for (const auto& operation : store_.operations()) EXPECT_EQ(operation.bytes, 0u);
}

TEST_F(FileCacheUploadTest, WhatWasWrittenHereBeforeIsCopiedByTheStoreToo) {
  const File file = cache_->Create(std::nullopt);
  const std::string content = RandomText(30 * kMiB, 3);
  ASSERT_TRUE(Write(*file, 0, content));
  ASSERT_TRUE(file->Upload({}, To("k")));
  store_.ForgetOperations();
  ASSERT_TRUE(Write(*file, content.size(), "one more line"));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == content + "one more line");
  ByteCount sent = 0;
  for (const auto& operation : store_.operations()) sent += operation.bytes;
  EXPECT_EQ(sent, 13u);
}

TEST_F(FileCacheUploadTest, Pitfall1_AFailureIsReportedAndTheNextUploadSendsEverything) {
  const File file = cache_->OpenBase(Stored("k", "0123456789"));
  ASSERT_TRUE(Write(*file, 0, "AA"));
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kUnavailable));
  EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kUnavailable);
  EXPECT_TRUE(file->dirty());
  EXPECT_EQ(store_.GetContent("k"), "0123456789");
  ASSERT_TRUE(Write(*file, 8, "BB"));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), "AA234567BB");
  EXPECT_EQ(cache_->statistics().failed_uploads, 1u);
}

TEST_F(FileCacheUploadTest, Pitfall1_AFailureOfAPartOrOfTheCompletionIsReported) {
  options_.part_size = 8 * kMiB;
  Restart();
  const std::string content = RandomText(9 * kMiB, 4);
  const File file = NewFile(content);
  for (const StoreOperation operation :
       {StoreOperation::kBeginUpload, StoreOperation::kUploadPart, StoreOperation::kCompleteUpload}) {
    faulty_.FailNext(operation, Failure(ErrorCode::kUnavailable));
    EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kUnavailable);
    EXPECT_TRUE(file->dirty());
    EXPECT_EQ(store_.open_uploads(), 0u);
  }
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == content);
}

TEST_F(FileCacheUploadTest, Pitfall1_EveryWaiterMeetsTheFailure) {
  const File file = NewFile("hello");
  faulty_.StopAnswering();
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kAccessDenied));
  std::atomic<int> denied = 0;
  // Who comes later does not store it before the failure was heard of.
  std::atomic<int> puts = 0;
  faulty_.SetHook([&denied, &puts](StoreOperation operation, const ObjectKey& /*key*/) {
    if (operation != StoreOperation::kPut || ++puts == 1) return;
    while (denied == 0) sched_yield();
  });
  {
    std::vector<Thread> waiters;
    waiters.reserve(4);
    for (int i = 0; i < 4; ++i) {
      waiters.emplace_back("waiter",
                           [&] { denied += CodeOf(file->Upload({}, To("k"))) == ErrorCode::kAccessDenied ? 1 : 0; });
    }
    WaitUntilHanging(1);
    faulty_.Answer();
  }
  faulty_.SetHook({});
  // A waiter that came after the failure was served by an upload of its own, which succeeds.
  EXPECT_GE(denied, 1);
  EXPECT_LE(store_.Count(StoreOperation::kPut), 1u);
}

TEST_F(FileCacheUploadTest, WritesDuringAnUploadBelongToTheNext) {
  const File file = NewFile("first generation");
  faulty_.StopAnswering();
  {
    const Thread uploader("uploader", [&] { EXPECT_TRUE(file->Upload({}, To("k"))); });
    WaitUntilHanging(1);
    ASSERT_TRUE(Write(*file, 0, "SECOND"));
    ASSERT_TRUE(file->Truncate(10));
    faulty_.Answer();
  }
  EXPECT_EQ(store_.GetContent("k"), "first generation") << "an object never holds bytes of two moments";
  EXPECT_EQ(ReadAll(*file), "SECONDgene");
  EXPECT_TRUE(file->dirty());
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), "SECONDgene");
  EXPECT_FALSE(file->dirty());
}

TEST_F(FileCacheUploadTest, ASteadyWriterDoesNotStarveAnUpload) {
  const File file = NewFile("x");
  std::atomic<bool> stop = false;
  const Thread writer("writer", [&] {
    while (!stop) ASSERT_TRUE(Write(*file, 0, "y"));
  });
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(file->Upload({}, To("k")));
  stop = true;
}

TEST_F(FileCacheUploadTest, AnInterruptedCallerLeavesAndTheUploadGoesOn) {
  const File file = NewFile("hello");
  const auto cancellation = std::make_shared<Cancellation>();
  faulty_.StopAnswering();
  {
    const Thread closer("closer", [&] {
      EXPECT_EQ(CodeOf(file->Upload(OpContext().WithCancellation(cancellation), To("k"))), ErrorCode::kCancelled);
    });
    WaitUntilHanging(1);
    cancellation->Cancel();
  }
  EXPECT_TRUE(file->dirty());
  EXPECT_EQ(cache_->statistics().uploads_in_progress, 1u);
  faulty_.Answer();
  ASSERT_TRUE(file->WaitForUpload({}));
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(store_.GetContent("k"), "hello");
}

TEST_F(FileCacheUploadTest, AFileWithoutHandlesLivesUntilItIsStored) {
  File file = NewFile("hello");
  faulty_.StopAnswering();
  file->StartUpload(To("k"));
  file.reset();
  EXPECT_EQ(cache_->dirty_keys(), (std::vector<ObjectKey>{"k"}));
  EXPECT_EQ(cache_->statistics().dirty_bytes, 5u);
  faulty_.Answer();
  ASSERT_TRUE(cache_->Drain({}));
  EXPECT_EQ(store_.GetContent("k"), "hello");
  EXPECT_EQ(cache_->statistics().dirty_bytes, 0u);
  EXPECT_TRUE(cache_->dirty_keys().empty());
}

TEST_F(FileCacheUploadTest, Pitfall16_AStartedUploadThatFailsIsTriedAgain) {
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kUnavailable), 3);
  NewFile("hello")->StartUpload(To("k"));
  ASSERT_TRUE(cache_->Drain({}));
  EXPECT_EQ(store_.GetContent("k"), "hello");
  EXPECT_EQ(cache_->statistics().failed_uploads, 3u);
}

TEST_F(FileCacheUploadTest, DrainSaysWhatCannotBeMended) {
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kNameTooLong), FaultyObjectStore::kAlways);
  const File file = NewFile("hello");
  file->StartUpload(To("k"));
  EXPECT_EQ(CodeOf(cache_->Drain({})), ErrorCode::kNameTooLong);
  EXPECT_TRUE(file->dirty());
  file->Discard();
  EXPECT_TRUE(cache_->Drain({}));
}

TEST_F(FileCacheUploadTest, DrainCanBeCutShort) {
  const File file = NewFile("hello");
  faulty_.StopAnswering();
  file->StartUpload(To("k"));
  const auto cancellation = std::make_shared<Cancellation>();
  {
    const Thread drainer("drainer", [&] {
      EXPECT_EQ(CodeOf(cache_->Drain(OpContext().WithCancellation(cancellation))), ErrorCode::kCancelled);
    });
    WaitUntilHanging(1);
    cancellation->Cancel();
  }
  faulty_.Answer();
  EXPECT_TRUE(cache_->Drain({}));
}

TEST_F(FileCacheUploadTest, AnEndingCacheDoesNotWaitForADeadStore) {
  faulty_.StopAnswering();
  NewFile("hello")->StartUpload(To("k"));
  WaitUntilHanging(1);
  cache_.reset();
  EXPECT_FALSE(store_.GetContent("k"));
}

TEST_F(FileCacheUploadTest, Pitfall13_AfterDiscardNothingIsSentOrTriedAgain) {
  const File file = NewFile("hello");
  faulty_.StopAnswering();
  file->StartUpload(To("k"));
  WaitUntilHanging(1);
  file->Discard();
  ASSERT_TRUE(file->WaitForUpload({})) << "the upload in progress is cut short";
  faulty_.Answer();
  EXPECT_FALSE(file->dirty());
  ASSERT_TRUE(Write(*file, 5, " again"));
  EXPECT_EQ(ReadAll(*file), "hello again");
  ASSERT_TRUE(file->Upload({}, To("k")));
  file->StartUpload(To("k"));
  ASSERT_TRUE(cache_->Drain({}));
  EXPECT_TRUE(store_.Keys().empty());
  EXPECT_EQ(store_.Count(StoreOperation::kPut), 0u);
  EXPECT_EQ(cache_->statistics().dirty_bytes, 0u);
}

TEST_F(FileCacheUploadTest, AnUploadToAnotherNameIsNotServedByTheOneInProgress) {
  const File file = NewFile("hello");
  faulty_.StopAnswering();
  file->StartUpload(To("old"));
  WaitUntilHanging(1);
  file->StartUpload(To("new"));
  faulty_.Answer();
  ASSERT_TRUE(file->WaitForUpload({}));
  EXPECT_EQ(store_.GetContent("new"), "hello");
}

TEST_F(FileCacheUploadTest, Pitfall26_AnAnswerThatWasLostIsNoConflict) {
  const File file = cache_->OpenBase(Stored("k", "old"));
  ASSERT_TRUE(Write(*file, 0, "new"));
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kStale), 1, FaultPoint::kAfter);
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(file->base()->etag, store_.GetInfo("k")->etag);
  EXPECT_EQ(store_.Keys().size(), 1u);
  EXPECT_EQ(cache_->statistics().conflicts, 0u);
}

TEST_F(FileCacheUploadTest, Pitfall26_AnUploadThatFailedAndWasStoredAllTheSameIsNoConflict) {
  const File file = cache_->OpenBase(Stored("k", std::string(100, 'o')));
  ASSERT_TRUE(Write(*file, 0, "first"));
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kTimedOut), 1, FaultPoint::kAfter);
  EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kTimedOut);
  ASSERT_TRUE(Write(*file, 50, "second"));
  ASSERT_TRUE(file->Upload({}, To("k")));
  const std::string expected = "first" + std::string(45, 'o') + "second" + std::string(44, 'o');
  EXPECT_EQ(store_.GetContent("k"), expected);
  EXPECT_EQ(ReadAll(*file), expected);
  EXPECT_EQ(store_.Keys().size(), 1u);
  EXPECT_EQ(cache_->statistics().conflicts, 0u);
}

TEST_F(FileCacheUploadTest, Pitfall26_AnUploadWhoseAnswerWasLostMayBeStored) {
  const File file = NewFile("hello");
  EXPECT_FALSE(file->may_be_stored());
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kAccessDenied));
  EXPECT_FALSE(file->Upload({}, To("k")));
  EXPECT_FALSE(file->may_be_stored()) << "refused";
  EXPECT_EQ(file->uploads_begun(), 1u);
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kTimedOut), 1, FaultPoint::kAfter);
  EXPECT_FALSE(file->Upload({}, To("k")));
  EXPECT_TRUE(file->may_be_stored());
  EXPECT_TRUE(file->MayHaveMade(store_.GetInfo("k")->metadata));
  store_.SetObject("k", "foreign");
  EXPECT_FALSE(file->MayHaveMade(store_.GetInfo("k")->metadata));
  EXPECT_EQ(file->uploads_begun(), 2u);
}

TEST_F(FileCacheUploadTest, Pitfall26_MissingBytesAreReadFromWhatTheLostUploadMade) {
  options_.disk_budget = 4 * kKiB;
  options_.memory_budget = 0;
  Restart();
  const File file = cache_->OpenBase(Stored("k", std::string(4000, 'o')));
  ASSERT_TRUE(file->Truncate(3000));
  // Nothing of the base stays local: the second upload has to fetch it anew.
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kTimedOut), 1, FaultPoint::kAfter);
  EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kTimedOut);
  const File other = cache_->Create({});
  ASSERT_TRUE(Write(*other, 0, "takes the room"));
  other->Discard();
  ASSERT_TRUE(file->Truncate(2000));
  EXPECT_EQ(CodeOf(Read(*file, 0, 10)), ErrorCode::kStale) << "what is there is not known to be ours yet";
  ASSERT_TRUE(other->Truncate(0));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), std::string(2000, 'o'));
}

TEST_F(FileCacheUploadTest, Pitfall25_TheLoserOfAConflictKeepsItsBytesAndItsHandle) {
  const File file = cache_->OpenWithContent(Stored("k", "0123456789"), "0123456789");
  ASSERT_TRUE(Write(*file, 0, "mine"));
  store_.SetObject("k", "the winner's");
  EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kStale);
  const std::string sibling = "k.conflict-node-20260101T000000Z";
  EXPECT_EQ(store_.GetContent("k"), "the winner's");
  EXPECT_EQ(store_.GetContent(sibling), "mine456789");
  EXPECT_EQ(file->base()->key, sibling);
  EXPECT_EQ(ReadAll(*file), "mine456789");
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(cache_->statistics().conflicts, 1u);

  ASSERT_TRUE(Write(*file, 4, "....."));
  EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kStale) << "later closes say it again";
  EXPECT_EQ(store_.GetContent(sibling), "mine.....9");
  EXPECT_EQ(store_.GetContent("k"), "the winner's");
  EXPECT_EQ(store_.Keys().size(), 2u);
}

TEST_F(FileCacheUploadTest, Pitfall25_AConflictWithoutTheBytesAtHandKeepsWhatThereIs) {
  const File file = cache_->OpenBase(Stored("k", std::string(100, 'o')));
  ASSERT_TRUE(Write(*file, 10, "mine"));
  ASSERT_TRUE(Write(*file, 200, "behind a hole"));
  store_.SetObject("k", "the winner's");
  EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kStale);
  EXPECT_EQ(store_.GetContent("k"), "the winner's");
  const std::string key = "k.conflict-node-20260101T000000Z.changes.tar";
  EXPECT_EQ(file->base()->key, key);
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(Read(*file, 10, 4), "mine");
  EXPECT_EQ(CodeOf(Read(*file, 0, 10)), ErrorCode::kStale);
  EXPECT_EQ(cache_->statistics().conflicts, 1U);

  // What is written later is there, too, with all that was before.
  ASSERT_TRUE(Write(*file, 50, "more"));
  EXPECT_TRUE(file->dirty());
  EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kStale) << "later closes say it again";
  EXPECT_EQ(store_.Keys().size(), 2U);
  EXPECT_EQ(cache_->statistics().conflicts, 1U);
  const std::string archive = store_.GetContent(key).value_or("");
  const auto head = ParseArchiveHead(archive);
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->manifest.size, 213U);
  EXPECT_TRUE((*head)->manifest.missing == (std::vector<ByteRange>{{0, 10}, {14, 36}, {54, 46}}));
  std::string wanted(213, '\0');
  wanted.replace(10, 4, "mine").replace(50, 4, "more").replace(200, 13, "behind a hole");
  EXPECT_TRUE(archive.substr((*head)->length, 213) == wanted);
}

class ConflictBaseTest : public FileCacheUploadTest {
 protected:
  void SetUp() override {
    options_.conflict_base = 100;
    FileCacheUploadTest::SetUp();
  }
  /// Waits until the file's base is here.
  void AwaitBase(const File& file, size_t length) {
    while (!file->Read(OpContext::Immediate(), *MakeReadStream(), 0, std::span(buffer_).first(length))) sched_yield();
  }
  std::array<std::byte, 100> buffer_{};
};

TEST_F(ConflictBaseTest, ASmallBaseIsFetchedBesideTheFirstWrite) {
  const File file = cache_->OpenBase(Stored("k", std::string(100, 'o')));
  ASSERT_TRUE(Write(*file, 0, "mine"));
  AwaitBase(file, 100);
  store_.SetObject("k", "the winner's");
  EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kStale);
  EXPECT_EQ(store_.GetContent("k.conflict-node-20260101T000000Z"), "mine" + std::string(96, 'o'));
}

TEST_F(ConflictBaseTest, NoneIsFetchedForAnAppendALargeBaseOrANewContent) {
  const File log = cache_->OpenBase(Stored("log", std::string(100, 'o')));
  ASSERT_TRUE(Write(*log, 100, "line"));
  const File large = cache_->OpenBase(Stored("large", std::string(101, 'o')));
  ASSERT_TRUE(Write(*large, 0, "mine"));
  const File replaced = cache_->Create(Stored("new", "old"));
  ASSERT_TRUE(Write(*replaced, 0, "new"));
  ASSERT_TRUE(cache_->OpenBase(Stored("x", "o"))->MakeLocal({})) << "what was asked for before would be there";
  EXPECT_EQ(store_.Count(StoreOperation::kGet), 1U);
}

TEST_F(FileCacheUploadTest, ReadersDoNotNoticeThatAnUploadReplacesTheBase) {
  const std::string content = RandomText(3 * kMiB, 5);
  options_.memory_budget = 0;
  Restart();
  const File file = cache_->OpenBase(Stored("k", content));
  std::atomic<bool> stop = false;
  const Thread reader("reader", [&] {
    ByteCount at = kMiB;
    while (!stop) {
      const auto read = Read(*file, at, 1000);
      ASSERT_TRUE(read) << read.error().ToString();
      ASSERT_EQ(*read, content.substr(at, 1000));
      at = kMiB + (at * 7919 + 13) % kMiB;
    }
  });
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Write(*file, 0, RandomText(100, static_cast<uint64_t>(i))));
    ASSERT_TRUE(file->Upload({}, To("k")));
  }
  stop = true;
}

TEST_F(FileCacheUploadTest, ManyUploadsOfOneFileDoNotPileUpOnDisk) {
  const File file = NewFile("");
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    const std::string line = "line " + std::to_string(i) + "\n";
    ASSERT_TRUE(file->Append(AsBytes(line)));
    expected += line;
    ASSERT_TRUE(file->Upload({}, To("log")));
  }
  EXPECT_EQ(store_.GetContent("log"), expected);
  EXPECT_EQ(ReadAll(*file), expected);
  EXPECT_LE(disk_.open_files(), 7u);
  EXPECT_EQ(BytesFetched(), 0u);
}

TEST_F(FileCacheUploadTest, Pitfall5_SequentialWritesAreSentOnce) {
  options_.part_size = 8 * kMiB;
  Restart();
  const File file = NewFile(RandomText(12 * kMiB, 6));
  ASSERT_TRUE(file->Upload({}, To("k")));
  ByteCount sent = 0;
  for (const auto& operation : store_.operations()) sent += operation.bytes;
  EXPECT_EQ(sent, 12 * kMiB);
  EXPECT_EQ(store_.Count(StoreOperation::kBeginUpload), 1u);
}

TEST_F(FileCacheUploadTest, Pitfall12_WhatIsSentAfterARebaseGoesToTheNewName) {
  const File file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, "first"));
  ASSERT_TRUE(file->Upload({}, To("old")));
  file->Rebase(Stored("new", "first"));
  store_.RemoveObject("old");
  ASSERT_TRUE(Write(*file, 5, " and second"));
  ASSERT_TRUE(cache_->Drain({}));
  EXPECT_EQ(store_.GetContent("new"), "first and second");
  EXPECT_EQ(store_.GetContent("old"), std::nullopt);
}

TEST_F(FileCacheUploadTest, AnUploadEndsAfterTheTimeoutWithoutProgress) {
  options_.io_timeout = std::chrono::seconds(7);
  Restart();
  const File file = NewFile("hello");
  faulty_.StopAnswering();
  {
    const Thread writer("writer", [&] { EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kTimedOut); });
    WaitUntilHanging(1);
    clock_.Advance(std::chrono::seconds(8));
  }
  EXPECT_TRUE(file->dirty());
  faulty_.Answer();
}

}  // namespace
}  // namespace cosfuse
