#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

constexpr ByteCount kCopiedSize = 6 * kMiB;

class CopyFileRangeTest : public FileSystemTest {
 protected:
  CopyFileRangeTest() {
    for (size_t i = 0; i < content_.size(); i += 4096) content_[i] = static_cast<char>('a' + i / 4096 % 26);
  }
  void SetUp() override {
    ObjectMetadata metadata;
    metadata.content_type = "image/png";
    metadata.user["of"] = "the source";
    PutForeign("source", content_, metadata);
  }
  Result<ByteCount> Copy(HandleId from, HandleId to, ByteCount offset = 0, ByteCount length = kCopiedSize) {
    return fs().CopyRange({}, from, offset, to, offset, length);
  }
  /// An open copy of the source under "target" that is not stored yet; nothing else is open.
  HandleId OpenCopy() {
    const HandleId from = mount_->MustOpen("source", O_RDONLY);
    const HandleId to = mount_->MustCreate("target", O_RDWR);
    const auto copied = Copy(from, to);
    EXPECT_TRUE(copied.has_value());
    EXPECT_EQ(copied.value_or(0), kCopiedSize);
    EXPECT_TRUE(mount_->Close(from).has_value());
    return to;
  }
  void ExpectCopied() { EXPECT_TRUE(Content("target") == content_); }

  std::string content_ = std::string(kCopiedSize, '.');
};

TEST_F(CopyFileRangeTest, TheStoreCopiesAndNoByteIsFetchedOrSent) {
  const HandleId from = mount_->MustOpen("source", O_RDONLY);
  const HandleId to = mount_->MustCreate("target");
  ASSERT_TRUE(mount_->Close(mount_->MustCreate("probe")).has_value());
  TakeRequests();
  ASSERT_TRUE(Copy(from, to).has_value());
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_EQ(mount_->Stat("target").size, kCopiedSize);
  ASSERT_TRUE(mount_->Close(to).has_value());
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPartCopy), 1U);
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 0U);
  EXPECT_EQ(store_.Count(StoreOperation::kGet), 0U);
  ExpectCopied();
  EXPECT_TRUE(mount_->Close(from).has_value());
}

TEST_F(CopyFileRangeTest, AttributesAndMetadataAreTheTargets) {
  ASSERT_TRUE(mount_->Close(OpenCopy()).has_value());
  EXPECT_FALSE(Metadata("target").contains("of"));
  EXPECT_NE(store_.GetInfo("target")->metadata.content_type, "image/png");
  EXPECT_EQ(mount_->Stat("target").uid, mount_->caller.uid);
}

TEST_F(CopyFileRangeTest, TheTimesOfTheTargetMove) {
  const HandleId from = mount_->MustOpen("source", O_RDONLY);
  const HandleId to = mount_->MustCreate("target");
  clock_.Advance(std::chrono::seconds(100));
  const WallTime now = clock_.WallNow();
  ASSERT_TRUE(Copy(from, to).has_value());
  EXPECT_EQ(mount_->Stat("target").modification_time, now);
  EXPECT_TRUE(mount_->Close(to).has_value());
  EXPECT_TRUE(mount_->Close(from).has_value());
}

TEST_F(CopyFileRangeTest, WhatTheStoreCannotCopyIsLeftToTheKernel) {
  PutForeign("small", "a few bytes");
  const HandleId from = mount_->MustOpen("source", O_RDWR);
  const HandleId small = mount_->MustOpen("small", O_RDONLY);
  const HandleId to = mount_->MustCreate("target", O_RDWR);
  EXPECT_EQ(CodeOf(Copy(small, to)), ErrorCode::kUnsupported);
  EXPECT_EQ(CodeOf(Copy(from, to, kMiB)), ErrorCode::kUnsupported);
  EXPECT_EQ(CodeOf(Copy(from, from)), ErrorCode::kUnsupported);
  ASSERT_TRUE(mount_->Write(from, 0, "unsent").has_value());
  EXPECT_EQ(CodeOf(Copy(from, to)), ErrorCode::kUnsupported);
  EXPECT_EQ(mount_->Stat("target").size, 0U);
  for (const HandleId handle : {from, small, to}) EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(CopyFileRangeTest, AHandleOfTheOtherDirectionIsRefused) {
  const HandleId from = mount_->MustOpen("source", O_RDONLY);
  const HandleId to = mount_->MustCreate("target", O_WRONLY);
  EXPECT_EQ(CodeOf(Copy(to, to)), ErrorCode::kBadHandle);
  EXPECT_EQ(CodeOf(Copy(from, from)), ErrorCode::kBadHandle);
  EXPECT_TRUE(mount_->Close(to).has_value());
  EXPECT_TRUE(mount_->Close(from).has_value());
}

TEST_F(CopyFileRangeTest, TheCopyOutlivesTheUnlinkOfItsSource) {
  const HandleId to = OpenCopy();
  ASSERT_TRUE(fs().Unlink({}, NodeId::kRoot, "source").has_value());
  EXPECT_EQ(mount_->Read(to, 4096, 1), "b");
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"target"});
}

TEST_F(CopyFileRangeTest, TheCopyFollowsTheRenameOfItsSource) {
  const HandleId to = OpenCopy();
  ASSERT_TRUE(mount_->Rename("source", "moved").has_value());
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 0U);
}

TEST_F(CopyFileRangeTest, TheCopyFollowsTheRenameOfTheDirectoryOfItsSource) {
  PutForeign("d/inside", content_);
  const HandleId from = mount_->MustOpen("d/inside", O_RDONLY);
  const HandleId to = mount_->MustCreate("target");
  ASSERT_TRUE(Copy(from, to).has_value());
  ASSERT_TRUE(mount_->Close(from).has_value());
  ASSERT_TRUE(mount_->Rename("d", "e").has_value());
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 0U);
}

TEST_F(CopyFileRangeTest, TheCopyOutlivesAFileThatIsRenamedOverItsSource) {
  PutForeign("other", "other");
  const HandleId to = OpenCopy();
  ASSERT_TRUE(mount_->Rename("other", "source").has_value());
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
  EXPECT_EQ(Content("source"), "other");
}

TEST_F(CopyFileRangeTest, TheCopyFollowsAChangeOfTheModeOfItsSource) {
  const HandleId to = OpenCopy();
  ASSERT_TRUE(mount_->Chmod(mount_->Node("source"), 0600).has_value());
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 0U);
}

TEST_F(CopyFileRangeTest, TheCopyKeepsTheBytesThatItsSourceHad) {
  const HandleId to = OpenCopy();
  ASSERT_TRUE(mount_->WriteFile("source", "rewritten").has_value());
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
  EXPECT_EQ(Content("source"), "rewritten");
}

// A source that was made in parts: a copy of it onto itself, which is what a chmod is, has another ETag.
class CopyOfPartsTest : public CopyFileRangeTest {
 protected:
  void SetUp() override {
    const auto upload = store_.BeginUpload({}, "source", {}, {});
    ASSERT_TRUE(upload);
    const auto send = [&](int number, std::string_view bytes) {
      SpanBodySource body(AsBytes(bytes));
      return *store_.UploadPart({}, "source", *upload, number, body);
    };
    const std::string_view content(content_);
    const std::vector<UploadedPart> parts = {send(1, content.substr(0, 5 * kMiB)), send(2, content.substr(5 * kMiB))};
    ASSERT_TRUE(store_.CompleteUpload({}, "source", *upload, parts, {}));
    store_.ForgetOperations();
  }
  /// A chmod of the source that succeeds in the store, and nobody knows.
  void ChmodUnheard() {
    const NodeId node = mount_->Node("source");
    faulty_.FailNext(StoreOperation::kCopy, Error(ErrorCode::kUnavailable, "reset"), 1, FaultPoint::kAfter);
    faulty_.FailNext(StoreOperation::kHead, Error(ErrorCode::kUnavailable, "reset"));
    EXPECT_EQ(CodeOf(mount_->Chmod(node, 0600)), ErrorCode::kUnavailable);
    EXPECT_EQ(Metadata("source")["mode"], std::to_string(S_IFREG | 0600));
  }
  void ExpectStoredWithoutSending(HandleId copy) {
    const auto closed = mount_->Close(copy);
    EXPECT_TRUE(closed.has_value()) << closed.error().ToString();
    ExpectCopied();
    EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 0U);
  }
};

TEST_F(CopyOfPartsTest, IsStoredAfterAChmodOfItsSourceWhoseAnswerWasLost) {
  const HandleId to = OpenCopy();
  ChmodUnheard();
  ExpectStoredWithoutSending(to);
}

TEST_F(CopyOfPartsTest, IsReadAfterAChmodOfItsSourceWhoseAnswerWasLost) {
  const HandleId to = OpenCopy();
  ChmodUnheard();
  EXPECT_EQ(mount_->Read(to, 4096, 1), "b");
  ExpectStoredWithoutSending(to);
}

TEST_F(CopyOfPartsTest, IsStoredAfterAnotherChmodToo) {
  const HandleId to = OpenCopy();
  ChmodUnheard();
  ExpireAll();
  EXPECT_EQ(mount_->Stat("source").mode, static_cast<mode_t>(S_IFREG | 0600));
  EXPECT_TRUE(mount_->Chmod(mount_->Node("source"), 0640));
  ExpectStoredWithoutSending(to);
}

TEST_F(CopyOfPartsTest, IsStoredInTheMidstOfAChmodOfItsSource) {
  const HandleId to = OpenCopy();
  const NodeId node = mount_->Node("source");
  store_.SetHooks({}, [&, first = true](const RecordedOperation& call) mutable {
    if (call.operation == StoreOperation::kCopy && std::exchange(first, false)) ExpectStoredWithoutSending(to);
  });
  EXPECT_TRUE(mount_->Chmod(node, 0600));
  store_.SetHooks({});
}

TEST_F(CopyOfPartsTest, IsLostToAnotherProgramThatReplacesItsSourceAfterSuchAChmod) {
  const HandleId to = OpenCopy();
  ChmodUnheard();
  PutForeign("source", "another client's");
  EXPECT_EQ(CodeOf(mount_->Close(to)), ErrorCode::kStale);
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"source"});
}

// Where the disk is smaller than what has been copied.
class CopyOnSmallDiskTest : public CopyFileRangeTest {
 protected:
  CopyOnSmallDiskTest() {
    cache_options_.disk_budget = kMiB;
    Mount();
  }
};

TEST_F(CopyOnSmallDiskTest, TheCopyIsStoredBeforeItsSourceIsUnlinked) {
  const HandleId to = OpenCopy();
  ASSERT_TRUE(fs().Unlink({}, NodeId::kRoot, "source").has_value());
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"target"});
  EXPECT_EQ(store_.Count(StoreOperation::kUploadPart), 0U);
  ASSERT_TRUE(mount_->Write(to, 0, "!").has_value());
  content_[0] = '!';
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
}

TEST_F(CopyOnSmallDiskTest, TheCopyIsStoredBeforeAFileIsRenamedOverItsSource) {
  PutForeign("other", "other");
  const HandleId to = OpenCopy();
  ASSERT_TRUE(mount_->Rename("other", "source").has_value());
  ExpectCopied();
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
  EXPECT_EQ(Content("source"), "other");
}

TEST_F(CopyOnSmallDiskTest, TheCopyIsStoredBeforeItsSourceIsRewritten) {
  const HandleId to = OpenCopy();
  ASSERT_TRUE(mount_->WriteFile("source", "rewritten").has_value());
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
  EXPECT_EQ(Content("source"), "rewritten");
}

TEST_F(CopyOnSmallDiskTest, TheSourceStaysWhereTheCopyCannotBeStored) {
  const HandleId to = OpenCopy();
  faulty_.FailNext(StoreOperation::kUploadPartCopy, Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_EQ(CodeOf(fs().Unlink({}, NodeId::kRoot, "source")), ErrorCode::kUnavailable);
  EXPECT_EQ(Content("source"), content_);
  ASSERT_TRUE(mount_->Close(to).has_value());
  ExpectCopied();
}

TEST_F(CopyFileRangeTest, ARenamedCopyIsStoredUnderItsNewName) {
  const HandleId to = OpenCopy();
  ASSERT_TRUE(mount_->Rename("target", "renamed").has_value());
  ASSERT_TRUE(mount_->Close(to).has_value());
  EXPECT_TRUE(Content("renamed") == content_);
  EXPECT_EQ(store_.Keys(), (std::vector<ObjectKey>{"renamed", "source"}));
}

TEST_F(CopyFileRangeTest, AnUnlinkedCopyIsReadableAndNeverStored) {
  const HandleId to = OpenCopy();
  ASSERT_TRUE(fs().Unlink({}, NodeId::kRoot, "target").has_value());
  EXPECT_EQ(mount_->Read(to, 4096, 1), "b");
  EXPECT_TRUE(mount_->Close(to).has_value());
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"source"});
}

TEST_F(CopyFileRangeTest, ASourceThatOthersHaveReplacedMakesTheCloseFail) {
  const HandleId to = OpenCopy();
  PutForeign("source", "another client's");
  EXPECT_EQ(CodeOf(mount_->Close(to)), ErrorCode::kStale);
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"source"});
}

TEST_F(CopyFileRangeTest, AnExistingTargetIsReplacedOnlyAsItWasOpened) {
  PutForeign("target", "present");
  const HandleId from = mount_->MustOpen("source", O_RDONLY);
  const HandleId to = mount_->MustOpen("target", O_WRONLY | O_TRUNC);
  ASSERT_TRUE(Copy(from, to).has_value());
  PutForeign("target", "another client's");
  EXPECT_EQ(CodeOf(mount_->Close(to)), ErrorCode::kStale);
  EXPECT_EQ(Content("target"), "another client's");
  const auto keys = store_.Keys();
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_TRUE(std::ranges::any_of(
      keys, [&](const ObjectKey& key) { return key != "source" && key != "target" && Content(key) == content_; }));
  EXPECT_TRUE(mount_->Close(from).has_value());
}

}  // namespace
}  // namespace cosfuse
