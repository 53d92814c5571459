#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cache/file_cache.h"
#include "cache/file_cache_fixture.h"

namespace cosfuse {
namespace {

constexpr ByteCount kPart = 8 * kKiB;

// What leaves of a file before it is closed, with parts of 8 KiB.
class EarlyPartsTest : public FileCacheFixture {
 protected:
  EarlyPartsTest() : FileCacheFixture({.min_part_size = kSmallLimits.smallest_part}) {
    options_.limits = kSmallLimits;
    options_.part_size = kPart;
  }

  /// Writes `text` in pieces from `offset` on.
  void WriteInSequence(CachedFile& file, ByteCount offset, std::string_view text) {
    constexpr size_t kPiece = 3000;
    for (size_t at = 0; at < text.size(); at += kPiece) {
      ASSERT_TRUE(WriteEarly(file, offset + at, text.substr(at, kPiece), To("k")));
    }
  }
  size_t Parts() const { return store_.Count(StoreOperation::kUploadPart); }
  void WaitForParts(size_t count) {
    while (Parts() < count) sched_yield();
  }
  ByteCount BytesSent() const {
    ByteCount bytes = 0;
    for (const auto& operation : store_.operations()) bytes += operation.bytes;
    return bytes;
  }
};

TEST_F(EarlyPartsTest, FullPartsLeaveBeforeTheFileIsStored) {
  const auto file = cache_->Create(std::nullopt);
  const std::string text = RandomText(10 * kPart + 100, 1);
  WriteInSequence(*file, 0, text);
  WaitForParts(10);
  EXPECT_FALSE(store_.GetContent("k"));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
  EXPECT_EQ(BytesSent(), text.size());
  EXPECT_EQ(store_.Count(StoreOperation::kBeginUpload), 1u);
}

TEST_F(EarlyPartsTest, AFileOfOnePartIsOneRequest) {
  const auto file = cache_->Create(std::nullopt);
  WriteInSequence(*file, 0, RandomText(kPart, 1));
  EXPECT_FALSE(file->CanStoreEarly());
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.count(), 1u);
}

TEST_F(EarlyPartsTest, Pitfall5_NothingIsSentTwiceWhateverTheSize) {
  for (const ByteCount size : {kPart + 1, 2 * kPart - 1, 2 * kPart, 7 * kPart + 1, 40 * kPart}) {
    SCOPED_TRACE(size);
    store_.ForgetOperations();
    store_.RemoveObject("k");
    const auto file = cache_->Create(std::nullopt);
    const std::string text = RandomText(size, size);
    WriteInSequence(*file, 0, text);
    ASSERT_TRUE(file->Upload({}, To("k")));
    EXPECT_TRUE(store_.GetContent("k") == text);
    EXPECT_EQ(BytesSent(), size);
  }
}

TEST_F(EarlyPartsTest, Pitfall4_APartThatIsRewrittenIsSentAgain) {
  const auto file = cache_->Create(std::nullopt);
  std::string text = RandomText(6 * kPart, 1);
  WriteInSequence(*file, 0, text);
  WaitForParts(5);
  ASSERT_TRUE(Write(*file, kPart + 17, "header"));
  text.replace(kPart + 17, 6, "header");
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
  EXPECT_EQ(BytesSent(), 7 * kPart);
}

TEST_F(EarlyPartsTest, Pitfall8_ATruncationTakesPartsBack) {
  const auto file = cache_->Create(std::nullopt);
  std::string text = RandomText(6 * kPart, 1);
  WriteInSequence(*file, 0, text);
  WaitForParts(5);
  ASSERT_TRUE(file->Truncate(2 * kPart + 5));
  ASSERT_TRUE(file->Truncate(4 * kPart));
  text.resize(2 * kPart + 5);
  text.resize(4 * kPart);
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
}

TEST_F(EarlyPartsTest, AnAppendLeavesEarlyAndTheRestIsCopied) {
  const std::string old = RandomText(5 * kPart + 7, 1);
  const auto file = cache_->OpenBase(Stored("k", old));
  const std::string more = RandomText(6 * kPart, 2);
  WriteInSequence(*file, old.size(), more);
  WaitForParts(5);
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == old + more);
  EXPECT_EQ(BytesSent(), more.size());
  EXPECT_EQ(store_.Count(StoreOperation::kGet), 0u);
}

TEST_F(EarlyPartsTest, Pitfall12_UnderAnotherNameItIsSentAnewAndNothingIsLeft) {
  const auto file = cache_->Create(std::nullopt);
  const std::string text = RandomText(6 * kPart, 1);
  WriteInSequence(*file, 0, text);
  WaitForParts(5);
  ASSERT_TRUE(file->Upload({}, To("renamed")));
  EXPECT_TRUE(store_.GetContent("renamed") == text);
  while (store_.open_uploads() > 0) sched_yield();
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"renamed"});
}

TEST_F(EarlyPartsTest, Pitfall13_WhatIsDiscardedLeavesNothing) {
  const auto file = cache_->Create(std::nullopt);
  WriteInSequence(*file, 0, RandomText(6 * kPart, 1));
  WaitForParts(3);
  file->Discard();
  while (store_.open_uploads() > 0) sched_yield();
  EXPECT_TRUE(store_.Keys().empty());
}

TEST_F(EarlyPartsTest, Pitfall48_AFileThatIsDroppedLeavesNothing) {
  auto file = cache_->Create(std::nullopt);
  WriteInSequence(*file, 0, RandomText(6 * kPart, 1));
  WaitForParts(3);
  file.reset();
  while (store_.open_uploads() > 0) sched_yield();
  EXPECT_TRUE(store_.Keys().empty());
}

TEST_F(EarlyPartsTest, Pitfall48_TheEndOfTheCacheLeavesNothing) {
  auto file = cache_->Create(std::nullopt);
  WriteInSequence(*file, 0, RandomText(6 * kPart, 1));
  WaitForParts(3);
  file.reset();
  cache_.reset();
  EXPECT_EQ(store_.open_uploads(), 0u);
}

TEST_F(EarlyPartsTest, AfterAFailedStoreWhatHasArrivedIsNotSentAgain) {
  const auto file = cache_->Create(std::nullopt);
  const std::string text = RandomText(6 * kPart, 1);
  WriteInSequence(*file, 0, text);
  WaitForParts(5);
  faulty_.FailNext(StoreOperation::kUploadPart, Failure(ErrorCode::kUnavailable));
  ASSERT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kUnavailable);
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
  EXPECT_EQ(BytesSent(), text.size());
}

TEST_F(EarlyPartsTest, Pitfall26_ALostAnswerOfTheCompletionIsNoConflict) {
  const auto file = cache_->Create(std::nullopt);
  std::string text = RandomText(6 * kPart, 1);
  WriteInSequence(*file, 0, text);
  WaitForParts(5);
  faulty_.FailNext(StoreOperation::kCompleteUpload, Failure(ErrorCode::kUnavailable), 1, FaultPoint::kAfter);
  ASSERT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kUnavailable);
  ASSERT_TRUE(Write(*file, 0, "later"));
  text.replace(0, 5, "later");
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
  EXPECT_EQ(store_.Keys().size(), 1u);
}

TEST_F(EarlyPartsTest, WhatSomebodyElseAbortedIsSentAnew) {
  const auto file = cache_->Create(std::nullopt);
  const std::string text = RandomText(6 * kPart, 1);
  WriteInSequence(*file, 0, text);
  WaitForParts(5);
  const auto uploads = store_.ListUploads({}, "", {});
  ASSERT_TRUE(uploads);
  ASSERT_EQ(uploads->uploads.size(), 1u);
  ASSERT_TRUE(store_.AbortUpload({}, "k", uploads->uploads[0].upload_id));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
}

TEST_F(EarlyPartsTest, Pitfall25_AConflictKeepsTheBytesBeside) {
  const auto file = cache_->Create(std::nullopt);
  const std::string text = RandomText(6 * kPart, 1);
  WriteInSequence(*file, 0, text);
  WaitForParts(5);
  store_.SetObject("k", "another program's");
  ASSERT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kStale);
  EXPECT_EQ(store_.GetContent("k"), "another program's");
  ASSERT_EQ(store_.Keys().size(), 2u);
  EXPECT_TRUE(store_.GetContent(file->base()->key) == text);
  while (store_.open_uploads() > 0) sched_yield();
}

TEST_F(EarlyPartsTest, WhatOverwritesAConflictIsANewUploadAndTheOldOneIsAborted) {
  options_.on_conflict = ConflictPolicy::kOverwrite;
  Restart();
  const auto file = cache_->Create(std::nullopt);
  const std::string text = RandomText(6 * kPart, 1);
  WriteInSequence(*file, 0, text);
  WaitForParts(5);
  store_.SetObject("k", "another program's");
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
  EXPECT_FALSE(file->early_metadata()) << "the metadata are those of the request";
  while (store_.open_uploads() > 0) sched_yield();
}

TEST_F(EarlyPartsTest, AHoleThatWasStoredIsNotSentAgain) {
  const auto file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, RandomText(kPart, 1)));
  ASSERT_TRUE(file->Truncate(20 * kPart));
  ASSERT_TRUE(file->Upload({}, To("k")));
  store_.ForgetOperations();
  ASSERT_TRUE(Write(*file, 20 * kPart, "end"));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(BytesSent(), 3u);
  EXPECT_EQ(store_.GetContent("k")->size(), 20 * kPart + 3);
}

TEST_F(EarlyPartsTest, TheVersionHasTheMetadataOfItsBeginning) {
  const auto file = cache_->Create(std::nullopt);
  UploadTarget early = To("k");
  early.metadata.user["mtime"] = "1";
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(WriteEarly(*file, static_cast<ByteCount>(i) * kPart, RandomText(kPart, 1), early));
  }
  WaitForParts(5);
  UploadTarget late = To("k");
  late.metadata.user["mtime"] = "2";
  ASSERT_TRUE(file->Upload({}, late));
  ASSERT_TRUE(file->early_metadata());
  EXPECT_EQ(file->early_metadata()->user.at("mtime"), "1");
  EXPECT_EQ(store_.GetInfo("k")->metadata.user.at("mtime"), "1");
}

// A disk of ten parts.
class SmallDiskTest : public EarlyPartsTest {
 protected:
  SmallDiskTest() { options_.disk_budget = 10 * kPart; }
  File WriteMoreThanTheDiskHolds(std::string& text) {
    const auto file = cache_->Create(std::nullopt);
    text = RandomText(40 * kPart + 11, 1);
    WriteInSequence(*file, 0, text);
    return file;
  }
};

TEST_F(SmallDiskTest, Pitfall5_AFileMayBeLargerThanTheDisk) {
  std::string text;
  const auto file = WriteMoreThanTheDiskHolds(text);
  EXPECT_FALSE(file->GiveUpEarly());
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
  EXPECT_EQ(BytesSent(), text.size());
  EXPECT_LE(disk_.used(), 10 * kPart);
}

TEST_F(SmallDiskTest, WhatHasLeftForAnotherNameIsGivenUpBeforeItsDiskIsGivenBack) {
  const auto file = cache_->Create(std::nullopt);
  const std::string text = RandomText(40 * kPart + 11, 1);
  WriteInSequence(*file, 0, text.substr(0, 5 * kPart));
  WaitForParts(4);
  ASSERT_TRUE(file->GiveUpEarly());
  for (size_t at = 5 * kPart; at < text.size(); at += kPart) {
    ASSERT_TRUE(WriteEarly(*file, at, text.substr(at, kPart), To("renamed")));
  }
  ASSERT_TRUE(file->Upload({}, To("renamed")));
  EXPECT_TRUE(store_.GetContent("renamed") == text);
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"renamed"});
}

TEST_F(SmallDiskTest, WhatHasLeftTheDiskCanBeRead) {
  std::string text;
  const auto file = WriteMoreThanTheDiskHolds(text);
  EXPECT_TRUE(Read(*file, kPart / 2, 100) == text.substr(kPart / 2, 100));
  EXPECT_TRUE(store_.GetContent("k") == text) << "by storing what was written so far";
}

TEST_F(SmallDiskTest, WhatHasLeftTheDiskCanBeRewritten) {
  std::string text;
  const auto file = WriteMoreThanTheDiskHolds(text);
  ASSERT_EQ(CodeOf(Write(*file, 5, "header")), ErrorCode::kWouldWait);
  ASSERT_TRUE(WriteEarly(*file, 5, "header", To("k")));
  text.replace(5, 6, "header");
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
}

TEST_F(SmallDiskTest, WhatHasLeftTheDiskCanBeCut) {
  std::string text;
  const auto file = WriteMoreThanTheDiskHolds(text);
  ASSERT_EQ(CodeOf(file->Truncate(kPart + 3)), ErrorCode::kWouldWait);
  ASSERT_TRUE(file->PrepareWrite({}, {kPart + 3, 1}));
  ASSERT_TRUE(file->Truncate(kPart + 3));
  ASSERT_TRUE(file->Truncate(0)) << "needs nothing";
}

TEST_F(SmallDiskTest, Pitfall6_WithoutAStoreTheWriteFailsAndWhatWasWrittenStays) {
  const auto file = cache_->Create(std::nullopt);
  faulty_.FailNext(StoreOperation::kBeginUpload, Failure(ErrorCode::kUnavailable), FaultyObjectStore::kAlways);
  std::string text;
  Result<> written;
  while (written) {
    const std::string piece = RandomText(3000, text.size());
    written = WriteEarly(*file, text.size(), piece, To("k"));
    if (written) text += piece;
  }
  EXPECT_EQ(written.error().code(), ErrorCode::kNoSpace);
  EXPECT_EQ(file->size(), text.size());
  faulty_.ClearFaults();
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
}

TEST_F(SmallDiskTest, Pitfall26_ALostCompletionOfWhatHasLeftTheDiskIsFoundOut) {
  std::string text;
  const auto file = WriteMoreThanTheDiskHolds(text);
  faulty_.FailNext(StoreOperation::kCompleteUpload, Failure(ErrorCode::kUnavailable), 1, FaultPoint::kAfter);
  ASSERT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kUnavailable);
  ASSERT_TRUE(Write(*file, text.size(), "more"));
  text += "more";
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == text);
  EXPECT_EQ(store_.Keys().size(), 1u);
}

}  // namespace
}  // namespace cosfuse
