#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::seconds;

class SetattrTest : public FileSystemTest {
 protected:
  Result<TimedAttributes> Set(std::string_view path, const AttributeChange& change) {
    const NodeId node = mount_->Node(path);
    store_.ForgetOperations();
    return fs().SetAttributes({}, mount_->caller, node, std::nullopt, change);
  }
};

TEST_F(SetattrTest, ChmodOfAStoredFileIsOneCopyOntoItself) {
  ObjectMetadata metadata;
  metadata.user = {{"owner-team", "billing"}};
  metadata.content_type = "application/x-special";
  PutForeign("f", "content", metadata);
  const auto changed = Set("f", {.permissions = 0600});
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->attributes.mode, static_cast<mode_t>(S_IFREG | 0600));
  EXPECT_EQ(TakeRequests(), "CopyObject");
  EXPECT_EQ(Metadata("f").at("mode"), std::to_string(S_IFREG | 0600));
  EXPECT_EQ(Metadata("f").at("owner-team"), "billing");
  EXPECT_EQ(store_.GetInfo("f")->metadata.content_type, "application/x-special");
  EXPECT_EQ(Content("f"), "content");
  EXPECT_EQ(AnotherMount()->Stat("f").mode, static_cast<mode_t>(S_IFREG | 0600));
}

// A copy of an object that was made in parts has another ETag than that.
class PartsSetattrTest : public SetattrTest {
 protected:
  void SetUp() override {
    SetattrTest::SetUp();
    const std::string part(5 * kMiB, 'x');
    const auto upload = store_.BeginUpload({}, "f", {}, {});
    ASSERT_TRUE(upload);
    SpanBodySource first(AsBytes(part));
    SpanBodySource second(AsBytes(std::string_view("end")));
    const auto one = store_.UploadPart({}, "f", *upload, 1, first);
    const auto two = store_.UploadPart({}, "f", *upload, 2, second);
    ASSERT_TRUE(store_.CompleteUpload({}, "f", *upload, std::vector<UploadedPart>{*one, *two}, {}));
  }
};

TEST_F(PartsSetattrTest, Pitfall26_ALostAnswerOfTheCopyIsFoundOut) {
  faulty_.FailNext(StoreOperation::kCopy, Error(ErrorCode::kUnavailable, "reset"), 1, FaultPoint::kAfter);
  EXPECT_TRUE(Set("f", {.permissions = 0600}));
  EXPECT_EQ(Metadata("f").at("mode"), std::to_string(S_IFREG | 0600));
}

TEST_F(PartsSetattrTest, Pitfall26_ALostAnswerOfTheCopyIsNoConflictLater) {
  const HandleId reader = mount_->MustOpen("f", O_RDONLY);
  faulty_.FailNext(StoreOperation::kCopy, Error(ErrorCode::kUnavailable, "reset"), 1, FaultPoint::kAfter);
  const NodeId node = mount_->Node("f");
  faulty_.FailNext(StoreOperation::kHead, Error(ErrorCode::kUnavailable, "reset"));
  EXPECT_FALSE(fs().SetAttributes({}, mount_->caller, node, std::nullopt, {.permissions = 0600}));
  const HandleId writer = mount_->MustOpen("f", O_WRONLY);
  ASSERT_TRUE(fs().Write({}, writer, 0, AsBytes(std::string_view("new"))));
  EXPECT_TRUE(fs().Flush({}, writer, true));
  EXPECT_EQ(Content("f").substr(0, 4), "newx");
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"f"});
  fs().Release(writer);
  fs().Release(reader);
}

// The first copy was carried out twice, so its second answer is a refusal; what it has made is found out by the next.
TEST_F(PartsSetattrTest, Pitfall26_ARepeatedCopyThatCannotBeLookedIntoIsNoConflict) {
  const HandleId reader = mount_->MustOpen("f", O_RDONLY);
  const NodeId node = mount_->Node("f");
  faulty_.FailNext(StoreOperation::kCopy, Error(ErrorCode::kUnavailable, "reset"), 1, FaultPoint::kTwice);
  faulty_.FailNext(StoreOperation::kHead, Error(ErrorCode::kUnavailable, "reset"));
  EXPECT_EQ(CodeOf(mount_->Chmod(node, 0600)), ErrorCode::kUnavailable);
  EXPECT_TRUE(mount_->Chmod(node, 0640));
  EXPECT_EQ(Metadata("f").at("mode"), std::to_string(S_IFREG | 0640));
  EXPECT_TRUE(mount_->Read(reader)) << "by the version that the second copy has made";
  fs().Release(reader);
}

TEST_F(PartsSetattrTest, WhatReplacesACopyThatCouldNotBeLookedIntoIsNotOverwritten) {
  const HandleId reader = mount_->MustOpen("f", O_RDONLY);
  const NodeId node = mount_->Node("f");
  faulty_.FailNext(StoreOperation::kCopy, Error(ErrorCode::kUnavailable, "reset"), 1, FaultPoint::kTwice);
  faulty_.FailNext(StoreOperation::kHead, Error(ErrorCode::kUnavailable, "reset"));
  EXPECT_EQ(CodeOf(mount_->Chmod(node, 0600)), ErrorCode::kUnavailable);
  store_.SetObject("f", "newer");
  EXPECT_EQ(CodeOf(mount_->Chmod(node, 0640)), ErrorCode::kStale);
  EXPECT_EQ(Content("f"), "newer");
  fs().Release(reader);
}

TEST_F(SetattrTest, ChangeToThePresentValueCostsNothing) {
  PutForeign("f", "content");
  const FileAttributes before = mount_->Stat("f");
  EXPECT_TRUE(Set("f", {.permissions = before.mode & 07777, .uid = before.uid, .gid = before.gid}).has_value());
  EXPECT_TRUE(Set("f", {.modification_time = before.modification_time}).has_value());
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(SetattrTest, ChangeToThePresentValueMovesTheChangeTimeAsLongAsTheVersionStays) {
  PutForeign("f", "content");
  const FileAttributes before = mount_->Stat("f");
  clock_.Advance(seconds(10));
  EXPECT_TRUE(Set("f", {.permissions = before.mode & 07777}).has_value());
  const WallTime changed = clock_.WallNow();
  EXPECT_EQ(mount_->Stat("f").change_time, changed);
  EXPECT_EQ(mount_->Stat("f").modification_time, before.modification_time);
  ExpireAll();
  EXPECT_EQ(mount_->Stat("f").change_time, changed);
  PutForeign("f", "another");
  ExpireAll();
  EXPECT_EQ(mount_->Stat("f").change_time, store_.GetInfo("f")->last_modified);
}

TEST_F(SetattrTest, NodeStaysTheSameAfterItsOwnChange) {
  PutForeign("f", "content");
  EXPECT_EQ(mount_->MustRead("f"), "content");
  const NodeId node = mount_->Node("f");
  EXPECT_TRUE(Set("f", {.permissions = 0600}).has_value());
  ExpireAll();
  EXPECT_EQ(mount_->Node("f"), node);
}

TEST_F(SetattrTest, OpenReaderGoesOnAfterAChange) {
  PutForeign("f", std::string(2 * kMiB, 'x'));
  const HandleId handle = mount_->MustOpen("f", O_RDONLY);
  EXPECT_TRUE(Set("f", {.permissions = 0600}).has_value());
  EXPECT_EQ(mount_->Read(handle)->size(), 2 * kMiB);
}

TEST_F(SetattrTest, ObjectChangedElsewhereIsStaleAndNothingIsOverwritten) {
  PutForeign("f", "old");
  EXPECT_EQ(mount_->MustRead("f"), "old");
  const NodeId node = mount_->Node("f");
  store_.SetObject("f", "newer");
  EXPECT_EQ(CodeOf(mount_->Chmod(node, 0600)), ErrorCode::kStale);
  EXPECT_EQ(Content("f"), "newer");
  EXPECT_TRUE(Set("f", {.permissions = 0600}).has_value()) << "after the kernel has looked it up again";
  EXPECT_EQ(Content("f"), "newer");
}

TEST_F(SetattrTest, RefusedCopyChangesNothing) {
  PutForeign("f", "content");
  const FileAttributes before = mount_->Stat("f");
  faulty_.FailNext(StoreOperation::kCopy, Error(ErrorCode::kAccessDenied, "no right to copy"));
  EXPECT_EQ(CodeOf(Set("f", {.permissions = 0600})), ErrorCode::kAccessDenied);
  EXPECT_EQ(mount_->Stat("f").mode, before.mode);
}

TEST_F(SetattrTest, Pitfall11_ChangeDuringAnUploadIsNotLost) {
  const HandleId handle = mount_->MustCreate("f");
  const NodeId node = mount_->Node("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  bool changed = false;
  store_.SetHooks([&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kPut || changed) return;
    changed = true;
    EXPECT_TRUE(mount_->Chmod(node, 0600).has_value());
  });
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("f"), "content");
  EXPECT_EQ(Metadata("f").at("mode"), std::to_string(S_IFREG | 0600));
}

TEST_F(SetattrTest, ChangeOfACleanFileOpenForWritingIsStoredAtClose) {
  PutForeign("f", "content");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  EXPECT_TRUE(Set("f", {.permissions = 0600}).has_value());
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(TakeRequests(), "CopyObject");
  EXPECT_EQ(Metadata("f").at("mode"), std::to_string(S_IFREG | 0600));
}

TEST_F(SetattrTest, Pitfall9_TruncateOfAFileThatNobodyHasOpenIsStored) {
  PutForeign("f", "0123456789");
  EXPECT_TRUE(Set("f", {.size = 4}).has_value());
  EXPECT_EQ(Content("f"), "0123");
  EXPECT_TRUE(Set("f", {.size = 6}).has_value());
  EXPECT_EQ(Content("f"), std::string("0123\0\0", 6));
  EXPECT_TRUE(Set("f", {.size = 0}).has_value());
  EXPECT_EQ(TakeRequests(), "PutObject") << "what is cut to nothing needs none of the old bytes";
  EXPECT_EQ(Content("f"), "");
  EXPECT_EQ(fs().handles(), 0U);
}

TEST_F(SetattrTest, TruncateToThePresentSizeCostsNothing) {
  PutForeign("f", "0123456789");
  EXPECT_TRUE(Set("f", {.size = 10}).has_value());
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(SetattrTest, FailedTruncateSaysSo) {
  PutForeign("f", "0123456789");
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_EQ(CodeOf(Set("f", {.size = 4})), ErrorCode::kUnavailable);
}

TEST_F(SetattrTest, TruncateThroughAHandleIsLocalUntilClose) {
  PutForeign("f", "0123456789");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  const NodeId node = mount_->Node("f");
  TakeRequests();
  EXPECT_EQ(fs().SetAttributes({}, mount_->caller, node, handle, {.size = 3})->attributes.size, 3U);
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("f"), "012");
}

TEST_F(SetattrTest, DirectoryModeLivesInItsMarkerAndTimesInMemory) {
  PutForeign("d/x", "");
  EXPECT_TRUE(Set("d", {.modification_time = WallTime(seconds(5))}).has_value());
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_EQ(mount_->Stat("d").modification_time, WallTime(seconds(5)));
  EXPECT_TRUE(Set("d", {.permissions = 0700, .uid = 5}).has_value());
  EXPECT_EQ(TakeRequests(), "PutObject");
  EXPECT_EQ(Metadata("d/").at("mode"), std::to_string(S_IFDIR | 0700));
  const FileAttributes seen = AnotherMount()->Stat("d");
  EXPECT_EQ(seen.mode, static_cast<mode_t>(S_IFDIR | 0700));
  EXPECT_EQ(seen.uid, 5U);
  EXPECT_TRUE(Set("d", {.permissions = 0700}).has_value());
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(SetattrTest, BytesUnderTheKeyOfADirectoryStay) {
  ObjectMetadata metadata;
  metadata.user = {{"owner-team", "billing"}};
  PutForeign("d/", "somebody's data", metadata);
  EXPECT_TRUE(Set("d", {.permissions = 0700}).has_value());
  EXPECT_EQ(TakeRequests(), "CopyObject");
  EXPECT_EQ(Content("d/"), "somebody's data");
  EXPECT_EQ(Metadata("d/").at("mode"), std::to_string(S_IFDIR | 0700));
  EXPECT_EQ(Metadata("d/").at("owner-team"), "billing");
  EXPECT_TRUE(Set("d", {.permissions = 0750}).has_value()) << "its own version is known";
  EXPECT_EQ(AnotherMount()->Stat("d").mode, static_cast<mode_t>(S_IFDIR | 0750));
}

TEST_F(SetattrTest, MarkerThatAnotherProgramWroteMeanwhileIsNotOverwritten) {
  PutForeign("marked/", "");
  PutForeign("implied/x", "");
  for (const std::string name : {"marked", "implied"}) {
    const NodeId node = mount_->Node(name);
    EXPECT_EQ(mount_->Stat(name).mode, static_cast<mode_t>(S_IFDIR | 0755));
    store_.SetObject(name + "/", "somebody's data");
    EXPECT_EQ(CodeOf(mount_->Chmod(node, 0700)), ErrorCode::kStale) << name;
    EXPECT_EQ(Content(name + "/"), "somebody's data");
    EXPECT_TRUE(Set(name, {.permissions = 0700}).has_value()) << "after the kernel has looked it up again";
    EXPECT_EQ(Content(name + "/"), "somebody's data");
    EXPECT_EQ(AnotherMount()->Stat(name).mode, static_cast<mode_t>(S_IFDIR | 0700));
  }
}

TEST_F(SetattrTest, MarkerThatAnotherProgramRemovedMeanwhileIsMadeAnewAfterALookup) {
  PutForeign("d/", "");
  PutForeign("d/x", "");
  const NodeId node = mount_->Node("d");
  store_.RemoveObject("d/");
  EXPECT_EQ(CodeOf(mount_->Chmod(node, 0700)), ErrorCode::kStale);
  EXPECT_TRUE(Set("d", {.permissions = 0700}).has_value());
  EXPECT_EQ(Metadata("d/").at("mode"), std::to_string(S_IFDIR | 0700));
}

TEST_F(SetattrTest, DirectoryOfAnOldMarkerGetsOneWithASlash) {
  ObjectMetadata metadata;
  metadata.user = {{"mode", std::to_string(S_IFDIR | 0711)}};
  PutForeign("old", "", metadata);
  EXPECT_TRUE(Set("old", {.permissions = 0700}).has_value());
  EXPECT_EQ(Metadata("old/").at("mode"), std::to_string(S_IFDIR | 0700));
  EXPECT_TRUE(Set("old", {.permissions = 0750}).has_value());
  EXPECT_EQ(Metadata("old/").at("mode"), std::to_string(S_IFDIR | 0750));
  EXPECT_EQ(Metadata("old").at("mode"), std::to_string(S_IFDIR | 0711));
}

TEST_F(SetattrTest, DropBoxChangesTheDirectoryThatItMade) {
  options_.access = AccessMode::kWriteOnly;
  Mount();
  EXPECT_TRUE(fs().MakeDirectory({}, mount_->caller, NodeId::kRoot, "d", 0755).has_value());
  EXPECT_TRUE(Set("d", {.permissions = 0700}).has_value());
  EXPECT_EQ(TakeRequests(), "PutObject");
  EXPECT_EQ(Metadata("d/").at("mode"), std::to_string(S_IFDIR | 0700));
  store_.SetObject("d/", "somebody's data");
  EXPECT_EQ(CodeOf(Set("d", {.permissions = 0711})), ErrorCode::kStale);
  EXPECT_EQ(Content("d/"), "somebody's data");
}

TEST_F(SetattrTest, ChangesOfTheRootStayInMemory) {
  EXPECT_EQ(mount_->Chmod(NodeId::kRoot, 0711)->attributes.mode, static_cast<mode_t>(S_IFDIR | 0711));
  EXPECT_EQ(TakeRequests(), "");
}

TEST_F(SetattrTest, DirectoryHasNoSizeToChange) {
  PutForeign("d/x", "");
  EXPECT_EQ(CodeOf(Set("d", {.size = 0})), ErrorCode::kIsDirectory);
}

TEST_F(SetattrTest, OwnChangesMoveTheTimesOfTheDirectory) {
  PutForeign("d/x", "");
  const NodeId directory = mount_->Node("d");
  clock_.Advance(seconds(100));
  EXPECT_TRUE(mount_->WriteFile("new", "x", directory).has_value());
  EXPECT_EQ(mount_->Stat("d").modification_time, clock_.WallNow());
}

TEST_F(SetattrTest, GetattrOfAnUnusedNodeFollowsTheVersion) {
  PutForeign("f", "old");
  const NodeId node = mount_->Node("f");
  store_.SetObject("f", "newer");
  ExpireAll();
  EXPECT_EQ(fs().GetAttributes({}, node)->attributes.size, 5U);
}

TEST_F(SetattrTest, GetattrOfAUsedNodeIsStaleOnceItsVersionIsGone) {
  PutForeign("f", "old");
  mount_->MustRead("f");
  const NodeId node = mount_->Node("f");
  store_.SetObject("f", "newer");
  ExpireAll();
  EXPECT_EQ(CodeOf(fs().GetAttributes({}, node)), ErrorCode::kStale);
  store_.RemoveObject("f");
  EXPECT_EQ(CodeOf(fs().GetAttributes({}, node)), ErrorCode::kStale);
  EXPECT_EQ(mount_->WalkError("f"), std::nullopt) << "the version that was met is fresh";
  ExpireAll();
  EXPECT_EQ(mount_->WalkError("f"), ErrorCode::kNotFound);
}

TEST_F(SetattrTest, GetattrOfAnOpenFileIsItsOwn) {
  PutForeign("f", "old");
  const HandleId handle = mount_->MustOpen("f", O_RDONLY);
  const NodeId node = mount_->Node("f");
  store_.SetObject("f", "newer");
  ExpireAll();
  TakeRequests();
  EXPECT_EQ(fs().GetAttributes({}, node)->attributes.size, 3U);
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(SetattrTest, SymbolicLinkIsASmallObjectAsS3fsWritesIt) {
  const auto link = fs().MakeSymbolicLink({}, mount_->caller, NodeId::kRoot, "link", "some/target");
  ASSERT_TRUE(link.has_value());
  EXPECT_TRUE(S_ISLNK(link->attributes.attributes.mode));
  EXPECT_EQ(link->attributes.attributes.size, 11U);
  EXPECT_EQ(Content("link"), "some/target");
  EXPECT_EQ(Metadata("link").at("mode"), std::to_string(S_IFLNK | 0777));
  EXPECT_EQ(fs().ReadLink({}, link->node), "some/target");
  const auto other = AnotherMount();
  EXPECT_EQ(other->fs().ReadLink({}, other->Node("link")), "some/target");
  EXPECT_EQ(CodeOf(fs().MakeSymbolicLink({}, mount_->caller, NodeId::kRoot, "link", "x")), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(mount_->WriteFile("f", "x").has_value());
  EXPECT_EQ(CodeOf(fs().ReadLink({}, mount_->Node("f"))), ErrorCode::kInvalidArgument);
}

TEST_F(SetattrTest, ForeignS3fsLinkIsFollowed) {
  ObjectMetadata metadata;
  metadata.user = {{"mode", "41471"}};
  PutForeign("link", "target", metadata);
  EXPECT_TRUE(S_ISLNK(mount_->Stat("link").mode));
  EXPECT_EQ(fs().ReadLink({}, mount_->Node("link")), "target");
}

TEST_F(SetattrTest, NodesOfAllKindsAreStoredAtOnce) {
  const struct {
    const char* name;
    mode_t mode;
    dev_t device;
  } rows[] = {{"regular", S_IFREG | 0644, 0},
              {"fifo", S_IFIFO | 0600, 0},
              {"socket", S_IFSOCK | 0600, 0},
              {"device", S_IFCHR | 0600, 0x0103}};
  for (const auto& row : rows) {
    EXPECT_TRUE(fs().MakeNode({}, mount_->caller, NodeId::kRoot, row.name, row.mode, row.device).has_value());
    const FileAttributes seen = AnotherMount()->Stat(row.name);
    EXPECT_EQ(seen.mode, row.mode) << row.name;
    EXPECT_EQ(seen.device, row.device) << row.name;
    EXPECT_EQ(CodeOf(fs().MakeNode({}, mount_->caller, NodeId::kRoot, row.name, row.mode, 0)),
              ErrorCode::kAlreadyExists);
  }
}

TEST_F(SetattrTest, Pitfall9_TruncationAfterTheLastCloseIsStored) {
  // What the close could not store is tried again after a while, and so is what its release began.
  const HandleId handle = mount_->MustCreate("f");
  ASSERT_TRUE(mount_->Write(handle, 0, "content"));
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kUnavailable, "injected"), 2);
  EXPECT_FALSE(mount_->Close(handle));
  const SystemClock clock;
  const MonotonicTime end = clock.Now() + seconds(30);
  while (mount_->cache().statistics().failed_uploads < 2 && clock.Now() < end) sched_yield();
  ASSERT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f"), std::nullopt, {.size = 3}));
  EXPECT_EQ(Content("f"), "con");
}

TEST_F(SetattrTest, Pitfall9_CloseStoresWhatAnUploadThatNobodyWaitedForDidNotCarry) {
  const HandleId handle = mount_->MustCreate("f");
  faulty_.StopAnswering();
  ASSERT_TRUE(fs().Flush({}, handle, false));
  ASSERT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f"), handle, {.permissions = 0600}));
  faulty_.Answer();
  ASSERT_TRUE(mount_->cache().Drain({}));
  EXPECT_TRUE(mount_->Close(handle));
  EXPECT_EQ(Metadata("f")["mode"], std::to_string(S_IFREG | 0600));
}

TEST_F(SetattrTest, Pitfall9_AfterACloseThatNobodyWaitedForNothingIsStoredBeforeTheNextOne) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "first"));
  EXPECT_TRUE(fs().Flush({}, handle, true));
  EXPECT_TRUE(fs().Flush({}, handle, false));
  ASSERT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f"), handle, {.permissions = 0600}));
  store_.ForgetOperations();
  fs().Forget(NodeId{0}, 1);  // Sweeps.
  EXPECT_TRUE(mount_->Write(handle, 5, " half of the sec"));
  mount_.reset();  // All that was begun is ended by then.
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_EQ(Content("f"), "first");
}

TEST_F(SetattrTest, Pitfall9_LeftAttributesTakeNoHalfWrittenFileAlong) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "first"));
  EXPECT_TRUE(fs().Flush({}, handle, false));
  ASSERT_TRUE(mount_->cache().Drain({}));
  ASSERT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f"), handle, {.permissions = 0600}));
  // A thread is sent for the attributes; when its turn comes, there is more.
  store_.SetHooks([&, first = true](const RecordedOperation& call) mutable {
    if (call.operation != StoreOperation::kCopy || !std::exchange(first, false)) return;
    fs().Forget(NodeId{0}, 1);  // Sweeps.
    EXPECT_TRUE(mount_->Write(handle, 5, " half of the sec"));
  });
  EXPECT_TRUE(fs().Fsync({}, handle));
  mount_.reset();
  EXPECT_EQ(Content("f"), "first");
  EXPECT_EQ(Metadata("f")["mode"], std::to_string(S_IFREG | 0600));
}

// A chmod after the upload that the close of a dying process has begun, which then cannot be stored.
class LeftAttributesTest : public SetattrTest {
 protected:
  void SetUp() override {
    SetattrTest::SetUp();
    const HandleId handle = mount_->MustCreate("f");
    faulty_.StopAnswering();
    ASSERT_TRUE(fs().Flush({}, handle, false));
    ASSERT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f"), handle, {.permissions = 0600}));
    faulty_.Answer();
    ASSERT_TRUE(mount_->cache().Drain({}));
    faulty_.FailNext(StoreOperation::kCopy, Error(ErrorCode::kUnavailable, "injected"));
    fs().Release(handle);
    while (store_.count() == 0 || faulty_.hanging() > 0) sched_yield();
  }
  bool Stored() { return Metadata("f")["mode"] == std::to_string(S_IFREG | 0600); }
};

TEST_F(LeftAttributesTest, AreTriedAgainAfterAWhile) {
  // Each lookup that the kernel gives back sweeps; the copy itself is made by another thread.
  while (!Stored()) {
    clock_.Advance(seconds(1));
    const auto found = fs().Lookup({}, NodeId::kRoot, "f");
    ASSERT_TRUE(found);
    fs().Forget(found->node, 1);
  }
}

TEST_F(LeftAttributesTest, AreStoredAtTheEndOfTheMount) {
  while (!fs().StoreLeftAttributes({})) sched_yield();
  while (!Stored()) ASSERT_TRUE(fs().StoreLeftAttributes({}));
}

TEST_F(SetattrTest, ChangeDuringTheCopyThatStoresAnEarlierOneIsStoredToo) {
  PutForeign("f", "content");
  const HandleId handle = mount_->MustOpen("f", O_WRONLY);
  const NodeId node = mount_->Node("f");
  const auto chmod = [&](mode_t mode) {
    EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, node, handle, {.permissions = mode}));
  };
  chmod(0755);
  store_.SetHooks([&, first = true](const RecordedOperation& call) mutable {
    if (call.operation == StoreOperation::kCopy && std::exchange(first, false)) chmod(0600);
  });
  EXPECT_TRUE(fs().Fsync({}, handle));
  store_.SetHooks({});
  EXPECT_TRUE(mount_->Close(handle));
  EXPECT_EQ(mount_->Stat("f").mode, static_cast<mode_t>(S_IFREG | 0600));
  EXPECT_EQ(Metadata("f")["mode"], std::to_string(S_IFREG | 0600));
}

}  // namespace
}  // namespace cosfuse
