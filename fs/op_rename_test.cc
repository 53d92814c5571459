#include <atomic>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

using RenameTest = FileSystemTest;

TEST_F(RenameTest, ChangeTimeOfWhatIsMovedMovesAndItsOtherTimesStay) {
  PutForeign("f", "content");
  PutForeign("d/x", "content");
  const FileAttributes file = mount_->Stat("f");
  const FileAttributes directory = mount_->Stat("d");
  clock_.Advance(std::chrono::seconds(10));
  ASSERT_TRUE(mount_->Rename("f", "g"));
  ASSERT_TRUE(mount_->Rename("d", "e"));
  EXPECT_EQ(mount_->Stat("g").change_time, clock_.WallNow());
  EXPECT_EQ(mount_->Stat("g").modification_time, file.modification_time);
  EXPECT_EQ(mount_->Stat("e").change_time, clock_.WallNow());
  EXPECT_EQ(mount_->Stat("e").modification_time, directory.modification_time);
}

TEST_F(RenameTest, FileCostsOneCopyOneHeadOneDelete) {
  PutForeign("from", "content");
  mount_->Node("from");
  EXPECT_EQ(mount_->WalkError("to"), ErrorCode::kNotFound);
  TakeRequests();
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_EQ(TakeRequests(), "CopyObject DeleteObject HeadObject");
  EXPECT_THAT(store_.Keys(), ElementsAre("to"));
  EXPECT_EQ(mount_->WalkError("from"), ErrorCode::kNotFound);
  EXPECT_EQ(mount_->MustRead("to"), "content");
}

TEST_F(RenameTest, NodeAndInodeGoWithTheFile) {
  PutForeign("from", "content");
  const auto before = mount_->Lookup("from");
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  const auto after = mount_->Lookup("to");
  EXPECT_EQ(after->node, before->node);
  EXPECT_EQ(after->attributes.attributes.inode, before->attributes.attributes.inode);
  EXPECT_TRUE(mount_->WriteFile("from", "another").has_value());
  EXPECT_NE(mount_->Stat("from").inode, after->attributes.attributes.inode);
}

TEST_F(RenameTest, ReplacesTheTarget) {
  PutForeign("from", "new");
  PutForeign("to", "old");
  const HandleId reader = mount_->MustOpen("to", O_RDONLY);
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_EQ(mount_->MustRead("to"), "new");
  EXPECT_EQ(mount_->Read(reader), "old") << "who had the target open keeps it";
  EXPECT_THAT(store_.Keys(), ElementsAre("to"));
}

TEST_F(RenameTest, NoReplaceRefusesAnExistingTarget) {
  PutForeign("from", "new");
  PutForeign("to", "old");
  EXPECT_EQ(CodeOf(mount_->Rename("from", "to", true)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(Content("to"), "old");
}

TEST_F(RenameTest, NoReplaceAsksForATargetThatWasKnownToBeMissing) {
  PutForeign("from", "new");
  EXPECT_EQ(mount_->WalkError("to"), ErrorCode::kNotFound);
  PutForeign("to", "another client's");
  EXPECT_EQ(CodeOf(mount_->Rename("from", "to", true)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(Content("to"), "another client's");
  EXPECT_EQ(Content("from"), "new");
}

TEST_F(RenameTest, KindsMustAgree) {
  PutForeign("f", "");
  PutForeign("d/x", "");
  EXPECT_EQ(CodeOf(mount_->Rename("f", "d")), ErrorCode::kIsDirectory);
  EXPECT_EQ(CodeOf(mount_->Rename("d", "f")), ErrorCode::kNotDirectory);
  EXPECT_EQ(CodeOf(mount_->Rename("missing", "x")), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(mount_->Rename("f", "g%file")), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(mount_->Rename("f", "f").has_value());
}

TEST_F(RenameTest, Pitfall12_WriteTemporaryThenRenameLeavesExactlyTheTarget) {
  for (int round = 0; round < 5; ++round) {
    const std::string content = "version " + std::to_string(round);
    EXPECT_TRUE(mount_->WriteFile("f.tmp", content).has_value());
    EXPECT_TRUE(mount_->Rename("f.tmp", "f").has_value());
    EXPECT_EQ(Content("f"), content);
    EXPECT_EQ(mount_->MustRead("f"), content);
  }
  EXPECT_THAT(store_.Keys(), ElementsAre("f"));
}

TEST_F(RenameTest, Pitfall12_NewFileBeingWrittenGoesToTheNewNameOnly) {
  PutForeign("to", "old");
  const HandleId handle = mount_->MustCreate("from");
  EXPECT_TRUE(mount_->Write(handle, 0, "first ").has_value());
  TakeRequests();
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_EQ(store_.Count(StoreOperation::kPut), 0U) << "nothing was in the store: only the key changes";
  EXPECT_TRUE(mount_->Write(handle, 6, "second").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("to"), "first second");
  EXPECT_THAT(store_.Keys(), ElementsAre("to"));
}

TEST_F(RenameTest, NewFileRenamedOverAnObjectAndUnlinkedTakesTheObjectAlong) {
  PutForeign("to", "old");
  const HandleId handle = mount_->MustCreate("from");
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_TRUE(fs().Unlink({}, NodeId::kRoot, "to").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_TRUE(store_.Keys().empty());
}

TEST_F(RenameTest, EditedOpenFileFollows) {
  PutForeign("from", "0123456789");
  const HandleId handle = mount_->MustOpen("from", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 0, "abc").has_value());
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_TRUE(mount_->Write(handle, 9, "!").has_value());
  EXPECT_EQ(mount_->Read(handle), "abc345678!");
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("to"), "abc345678!");
  EXPECT_THAT(store_.Keys(), ElementsAre("to"));
}

TEST_F(RenameTest, Pitfall32_OpenReaderFollowsALargeFile) {
  const std::string content(3 * kMiB, 'x');
  PutForeign("from", content);
  const HandleId handle = mount_->MustOpen("from", O_RDONLY);
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_TRUE(mount_->Read(handle) == content);
}

TEST_F(RenameTest, FailedCopyLeavesEverythingAsItWas) {
  PutForeign("from", "new");
  PutForeign("to", "old");
  faulty_.FailNext(StoreOperation::kCopy, Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_EQ(CodeOf(mount_->Rename("from", "to")), ErrorCode::kUnavailable);
  EXPECT_EQ(mount_->MustRead("from"), "new");
  EXPECT_EQ(mount_->MustRead("to"), "old");
}

TEST_F(RenameTest, FailedDeleteLeavesTheSourceUsable) {
  PutForeign("from", std::string(2 * kMiB, 'x'));
  const HandleId handle = mount_->MustOpen("from", O_RDONLY);
  faulty_.FailNext(StoreOperation::kDelete, Error(ErrorCode::kNotPermitted, "injected"));
  EXPECT_EQ(CodeOf(mount_->Rename("from", "to")), ErrorCode::kNotPermitted);
  EXPECT_EQ(mount_->Read(handle)->size(), 2 * kMiB);
  EXPECT_TRUE(mount_->Lookup("from").has_value());
}

TEST_F(RenameTest, LostAnswerOfTheDeleteIsNoFailure) {
  PutForeign("f", "content");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  faulty_.FailNext(StoreOperation::kDelete, Error(ErrorCode::kUnavailable, "injected"), 1, FaultPoint::kAfter);
  ASSERT_TRUE(mount_->Rename("f", "g").has_value());
  ASSERT_TRUE(mount_->Write(handle, 0, "C").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("g"));
  EXPECT_EQ(Content("g"), "Content");
}

TEST_F(RenameTest, SourceRewrittenElsewhereDuringTheCopyIsNotDeleted) {
  PutForeign("from", "renamed");
  mount_->Node("from");
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation == StoreOperation::kCopy) store_.SetObject("from", "new file");
  });
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_EQ(Content("to"), "renamed");
  EXPECT_EQ(Content("from"), "new file");
}

TEST_F(RenameTest, SourceRewrittenElsewhereBeforeIsRenamedAsItIsNow) {
  PutForeign("from", "old");
  mount_->Node("from");
  store_.SetObject("from", "now");
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_EQ(Content("to"), "now");
}

TEST_F(RenameTest, Pitfall35_ImpliedDirectoryStaysWhenItsLastFileMovesOut) {
  PutForeign("d/f", "x");
  const NodeId directory = mount_->Node("d");
  mount_->Node("d/f");
  EXPECT_TRUE(fs().Rename({}, directory, "f", NodeId::kRoot, "f", false).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("d/", "f"));
}

TEST_F(RenameTest, DirectoryMovesWithEverythingBelow) {
  PutForeign("old/", "");
  PutForeign("old/a", "1");
  PutForeign("old/deep/b", "2");
  PutForeign("old//hidden", "3");
  const NodeId b = mount_->Node("old/deep/b");
  EXPECT_TRUE(mount_->Rename("old", "new").has_value());
  EXPECT_THAT(store_.Keys(), UnorderedElementsAre("new/", "new/a", "new/deep/b", "new//hidden"));
  EXPECT_EQ(mount_->WalkError("old"), ErrorCode::kNotFound);
  EXPECT_EQ(mount_->Node("new/deep/b"), b);
  EXPECT_EQ(mount_->MustRead("new/a"), "1");
}

TEST_F(RenameTest, Pitfall31_OpenAndDirtyChildrenFollow) {
  const std::string large(2 * kMiB, 'x');
  PutForeign("old/read", large);
  PutForeign("old/edited", "0123");
  const NodeId directory = mount_->Node("old");
  const HandleId reader = mount_->MustOpen("old/read", O_RDONLY);
  const HandleId edited = mount_->MustOpen("old/edited", O_RDWR);
  EXPECT_TRUE(mount_->Write(edited, 0, "ab").has_value());
  const HandleId made = mount_->MustCreate("made", O_WRONLY, directory);
  EXPECT_TRUE(mount_->Write(made, 0, "made").has_value());
  EXPECT_TRUE(mount_->Rename("old", "new").has_value());
  EXPECT_TRUE(mount_->Read(reader) == large);
  EXPECT_TRUE(mount_->Write(edited, 2, "cd").has_value());
  EXPECT_TRUE(mount_->Close(edited).has_value());
  EXPECT_TRUE(mount_->Close(made).has_value());
  EXPECT_THAT(store_.Keys(), UnorderedElementsAre("new/read", "new/edited", "new/made"));
  EXPECT_EQ(Content("new/edited"), "abcd");
  EXPECT_EQ(Content("new/made"), "made");
}

TEST_F(RenameTest, Pitfall31_FailedDirectoryRenameCanBeRunAgain) {
  for (int i = 0; i < 50; ++i) PutForeign("old/" + std::to_string(i), std::to_string(i));
  faulty_.FailKey(StoreOperation::kCopy, "new/25", Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_EQ(CodeOf(mount_->Rename("old", "new")), ErrorCode::kUnavailable);
  EXPECT_EQ(store_.Keys().size(), 50U) << "nothing is left half way";
  EXPECT_EQ(mount_->MustRead("old/25"), "25");
  EXPECT_TRUE(mount_->Rename("old", "new").has_value());
  const auto keys = store_.Keys();
  EXPECT_EQ(keys.size(), 50U);
  for (const ObjectKey& key : keys) EXPECT_TRUE(key.starts_with("new/")) << key;
}

TEST_F(RenameTest, Pitfall31_ObjectMadeDuringTheRenameIsNotLost) {
  PutForeign("old/a", "1");
  bool made = false;
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kCopy || made) return;
    made = true;
    store_.SetObject("old/late", "late");
    store_.SetObject("old/a", "changed");
  });
  EXPECT_TRUE(mount_->Rename("old", "new").has_value());
  EXPECT_EQ(Content("new/late"), "late");
  EXPECT_EQ(Content("new/a"), "changed");
  EXPECT_EQ(store_.Keys().size(), 2U);
}

TEST_F(RenameTest, OldMarkerMovesOnlyWhereThereIsNoOther) {
  ObjectMetadata old_marker;
  old_marker.user = {{"mode", std::to_string(S_IFDIR | 0711)}};
  PutForeign("one", "", old_marker);
  PutForeign("two", "", old_marker);
  PutForeign("two/", "somebody's data");
  EXPECT_TRUE(mount_->Rename("one", "first").has_value());
  EXPECT_TRUE(mount_->Rename("two", "second").has_value());
  EXPECT_THAT(store_.Keys(), UnorderedElementsAre("first/", "second/"));
  const auto first = fs().GetAttributes({}, mount_->Node("first"));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->attributes.mode, static_cast<mode_t>(S_IFDIR | 0711));
  EXPECT_EQ(Content("second/"), "somebody's data");
}

TEST_F(RenameTest, TargetDirectoryMustBeEmptyByTheBucket) {
  PutForeign("a/x", "1");
  PutForeign("b/y", "2");
  EXPECT_EQ(CodeOf(mount_->Rename("a", "b")), ErrorCode::kNotEmpty);
  store_.RemoveObject("b/y");
  PutForeign("b/", "");
  EXPECT_TRUE(mount_->Rename("a", "b").has_value());
  EXPECT_EQ(Content("b/x"), "1");
  EXPECT_EQ(mount_->MustRead("b/x"), "1");
}

TEST_F(RenameTest, DirectoryCannotMoveIntoItself) {
  PutForeign("d/e/x", "1");
  const NodeId below = mount_->Node("d/e");
  EXPECT_EQ(CodeOf(fs().Rename({}, NodeId::kRoot, "d", below, "f", false)), ErrorCode::kInvalidArgument);
}

TEST_F(RenameTest, DirectoryWithTooLongAKeyBelowIsRefusedBeforeAnythingIsCopied) {
  std::string deep = "d/";
  for (int i = 0; i < 4; ++i) deep += std::string(250, 'n') + "/";
  PutForeign(deep + "x", "1");
  EXPECT_EQ(CodeOf(mount_->Rename("d", std::string(30, 'e'))), ErrorCode::kNameTooLong);
  EXPECT_THAT(store_.Keys(), ElementsAre(deep + "x"));
}

TEST_F(RenameTest, Pitfall12_BusyLogLeavesNothingUnderItsOldName) {
  const HandleId handle = MakeBusyFile("log");
  EXPECT_TRUE(mount_->Rename("log", "log.1").has_value());
  EXPECT_TRUE(mount_->Write(handle, 12, " third").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("log.1"), "first second third");
  EXPECT_THAT(store_.Keys(), ElementsAre("log.1"));
}

TEST_F(RenameTest, WriterDuringTheUploadThatARenameWaitsForIsFollowed) {
  PutForeign("from", "0123456789");
  const HandleId handle = mount_->MustOpen("from", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 0, "abc").has_value());
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kPut) return;
    EXPECT_TRUE(mount_->Write(handle, 3, "def").has_value());
  });
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  store_.SetHooks({});
  EXPECT_EQ(mount_->Read(handle), "abcdef6789");
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("to"), "abcdef6789");
  EXPECT_THAT(store_.Keys(), ElementsAre("to"));
}

TEST_F(RenameTest, LoserOfAConflictDoesNotMoveTheWinner) {
  PutForeign("from", "first");
  const HandleId handle = mount_->MustOpen("from", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 0, "loser").has_value());
  faulty_.StopAnswering();
  EXPECT_TRUE(fs().Flush({}, handle, false).has_value());
  while (faulty_.hanging() == 0) sched_yield();
  store_.SetObject("from", "winner");
  Thread renaming("rename", [&] { EXPECT_EQ(CodeOf(mount_->Rename("from", "to")), ErrorCode::kStale); });
  faulty_.Answer();
  renaming.Join();
  EXPECT_EQ(mount_->MustRead("from"), "winner");
  EXPECT_EQ(mount_->WalkError("to"), ErrorCode::kNotFound);
  fs().Release(handle);
}

TEST_F(RenameTest, Pitfall31_BusyFileBelowARenamedDirectoryFollows) {
  PutForeign("old/", "");
  const HandleId handle = MakeBusyFile("log", mount_->Node("old"));
  EXPECT_TRUE(mount_->Rename("old", "new").has_value());
  EXPECT_TRUE(mount_->Write(handle, 12, " third").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("new/log"), "first second third");
  EXPECT_THAT(store_.Keys(), ElementsAre("new/", "new/log"));
}

TEST_F(RenameTest, Pitfall31_WriterDuringADirectoryRenameFollows) {
  PutForeign("old/f", "0123456789");
  const HandleId handle = mount_->MustOpen("old/f", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 0, "abc").has_value());
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kPut) return;
    EXPECT_TRUE(mount_->Write(handle, 3, "def").has_value());
  });
  EXPECT_TRUE(mount_->Rename("old", "new").has_value());
  store_.SetHooks({});
  EXPECT_EQ(mount_->Read(handle), "abcdef6789") << "the content stands on the copy";
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("new/f"), "abcdef6789");
  EXPECT_THAT(store_.Keys(), ElementsAre("new/f"));
}

TEST_F(RenameTest, Pitfall13_FailedUploadThatIsRetriedDoesNotBringTheOldNameBack) {
  const HandleId handle = mount_->MustCreate("from");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_FALSE(fs().Flush({}, handle, true).has_value());
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_TRUE(mount_->cache().Drain({}).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("to"));
  EXPECT_EQ(Content("to"), "content");
}

TEST_F(RenameTest, Pitfall13_UploadThatIsTriedAgainByItselfFollowsTheRename) {
  const HandleId handle = mount_->MustCreate("from");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kAccessDenied, "injected"));
  EXPECT_TRUE(fs().Flush({}, handle, false).has_value());
  const SystemClock clock;
  const MonotonicTime end = clock.Now() + std::chrono::seconds(30);
  while (mount_->cache().statistics().failed_uploads == 0 && clock.Now() < end) sched_yield();
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_TRUE(mount_->cache().Drain({}).has_value()) << "before any close says where the file is";
  EXPECT_THAT(store_.Keys(), ElementsAre("to"));
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("to"), "content");
}

TEST_F(RenameTest, Pitfall13_UploadWhoseAnswerWasLostLeavesNothingUnderTheOldName) {
  const HandleId handle = mount_->MustCreate("from");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kTimedOut, "injected"), 1, FaultPoint::kAfter);
  EXPECT_FALSE(fs().Flush({}, handle, true).has_value());
  EXPECT_TRUE(mount_->Rename("from", "to").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("to"));
  EXPECT_EQ(Content("to"), "content");
}

TEST_F(RenameTest, Pitfall13_UploadWhoseAnswerWasLostFollowsItsDirectory) {
  PutForeign("old/", "");
  const HandleId handle = mount_->MustCreate("f", O_WRONLY, mount_->Node("old"));
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kTimedOut, "injected"), 1, FaultPoint::kAfter);
  EXPECT_FALSE(fs().Flush({}, handle, true).has_value());
  EXPECT_TRUE(mount_->Rename("old", "new").has_value());
  EXPECT_TRUE(mount_->Write(handle, 7, "!").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("new/", "new/f"));
  EXPECT_EQ(Content("new/f"), "content!");
}

TEST_F(RenameTest, UploadOfTheTargetThatIsInProgressDoesNotReplaceWhatWasMoved) {
  PutForeign("from", "moved");
  const HandleId handle = mount_->MustCreate("a");
  EXPECT_TRUE(mount_->Write(handle, 0, "replaced").has_value());
  EXPECT_TRUE(mount_->Rename("a", "to").has_value()) << "its upload will replace whatever is there";
  mount_->Node("from");
  std::atomic<bool> sending = false;
  std::atomic<bool> released = false;
  store_.SetHooks([&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kPut) return;
    sending = true;
    while (!released) sched_yield();
  });
  EXPECT_TRUE(fs().Flush({}, handle, false).has_value());
  while (!sending) sched_yield();
  std::atomic<bool> renamed = false;
  Thread renaming("rename", [&] {
    EXPECT_TRUE(mount_->Rename("from", "to").has_value());
    renamed = true;
  });
  // Time enough for a rename that does not wait.
  for (int i = 0; i < 20'000 && !renamed; ++i) sched_yield();
  released = true;
  renaming.Join();
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_TRUE(mount_->cache().Drain({}).has_value());
  EXPECT_EQ(Content("to"), "moved");
  EXPECT_THAT(store_.Keys(), ElementsAre("to"));
}

TEST_F(RenameTest, Pitfall31_FailedDirectoryRenameLeavesTheEmptyTargetThere) {
  PutForeign("old/", "");
  PutForeign("old/a", "1");
  PutForeign("new/", "");
  faulty_.FailKey(StoreOperation::kCopy, "new/a", Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_EQ(CodeOf(mount_->Rename("old", "new")), ErrorCode::kUnavailable);
  ExpireAll();
  EXPECT_THAT(mount_->Names(), UnorderedElementsAre("old/", "new/"));
}

}  // namespace
}  // namespace cosfuse
