#include <utility>

#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UnlinkTest : public FileSystemTest {
 protected:
  Result<> Unlink(std::string_view name, NodeId parent = NodeId::kRoot) { return fs().Unlink({}, parent, name); }
  Result<> Rmdir(std::string_view name, NodeId parent = NodeId::kRoot) {
    return fs().RemoveDirectory({}, parent, name);
  }
  Result<NodeEntry> Mkdir(std::string_view name, NodeId parent = NodeId::kRoot) {
    const auto entry = mount_->Lookup(name, parent);
    return fs().MakeDirectory({}, mount_->caller, parent, name, 0755);
  }
};

TEST_F(UnlinkTest, RemovesTheObjectWithOneRequest) {
  PutForeign("f", "x");
  mount_->Node("f");
  TakeRequests();
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_EQ(TakeRequests(), "DeleteObject");
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_EQ(mount_->WalkError("f"), ErrorCode::kNotFound);
}

TEST_F(UnlinkTest, AnotherClientsObjectUnderTheNameOfAnUnsentFileStaysAndIsSeen) {
  const HandleId handle = mount_->MustCreate("f");
  PutForeign("f", "theirs");
  EXPECT_THAT(mount_->Names(), ElementsAre("f"));
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(mount_->MustRead("f"), "theirs");
}

TEST_F(UnlinkTest, MissingNamesAndDirectoriesAreRefused) {
  PutForeign("d/x", "");
  EXPECT_EQ(CodeOf(Unlink("missing")), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(Unlink("d")), ErrorCode::kIsDirectory);
  EXPECT_EQ(CodeOf(Rmdir("missing")), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(Rmdir("x", mount_->Node("d"))), ErrorCode::kNotDirectory);
}

TEST_F(UnlinkTest, FailedDeleteLeavesTheNameAndTheUnsentBytes) {
  PutForeign("f", "old");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 0, "new").has_value());
  faulty_.FailNext(StoreOperation::kDelete, Error(ErrorCode::kNotPermitted, "retention"));
  EXPECT_EQ(CodeOf(Unlink("f")), ErrorCode::kNotPermitted);
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("f"), "new");
}

TEST_F(UnlinkTest, Pitfall32_OpenFileGoesOnAndItsNameIsFree) {
  PutForeign("f", "0123456789");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  const NodeId old_node = mount_->Node("f");
  const uint64_t old_inode = mount_->Stat("f").inode;
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_TRUE(mount_->WriteFile("f", "another file").has_value());
  EXPECT_NE(mount_->Stat("f").inode, old_inode) << "a new file under an old name that is still open is another one";
  EXPECT_EQ(mount_->Read(handle), "0123456789");
  EXPECT_TRUE(mount_->Write(handle, 0, "changed").has_value());
  EXPECT_EQ(mount_->Read(handle), "changed789");
  const auto attributes = fs().GetAttributes({}, old_node);
  ASSERT_TRUE(attributes.has_value());
  EXPECT_EQ(attributes->attributes.size, 10U);
  EXPECT_EQ(attributes->attributes.link_count, 0U);
  EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, old_node, handle, {.size = 3}).has_value());
  EXPECT_TRUE(mount_->Chmod(old_node, 0600).has_value());
  EXPECT_EQ(mount_->Read(handle), "cha");
  TakeRequests();
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_EQ(Content("f"), "another file");
}

TEST_F(UnlinkTest, Pitfall32_LargeOpenFileIsReadableAfterItsObjectIsGone) {
  const std::string content(3 * kMiB, 'x');
  PutForeign("f", content);
  const HandleId handle = mount_->MustOpen("f", O_RDONLY);
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_TRUE(mount_->Read(handle) == content);
}

TEST_F(UnlinkTest, Pitfall13_NewFileThatIsUnlinkedNeverComesBack) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  TakeRequests();
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_EQ(TakeRequests(), "") << "the store knows nothing of it";
  EXPECT_TRUE(mount_->Write(handle, 0, "more").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_TRUE(mount_->cache().Drain({}).has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_THAT(mount_->Names(), IsEmpty());
}

TEST_F(UnlinkTest, Pitfall13_UnlinkWaitsForTheUploadAndRemovesWhatItMade) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.StopAnswering();
  fs().Flush({}, handle, false).value();
  while (faulty_.hanging() == 0) sched_yield();
  fs().Release(handle);
  Thread unlinking("unlink", [&] { EXPECT_TRUE(Unlink("f").has_value()); });
  faulty_.Answer();
  unlinking.Join();
  EXPECT_TRUE(mount_->cache().Drain({}).has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(UnlinkTest, Pitfall13_FileThatIsWrittenOnAfterAnUploadLeavesNoObject) {
  const HandleId handle = MakeBusyFile("f");
  EXPECT_EQ(Content("f"), "first");
  TakeRequests();
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(UnlinkTest, ConflictOfTheUploadThatIsWaitedForLeavesTheWinnersObject) {
  PutForeign("f", "first");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 0, "loser").has_value());
  faulty_.StopAnswering();
  EXPECT_TRUE(fs().Flush({}, handle, false).has_value());
  while (faulty_.hanging() == 0) sched_yield();
  store_.SetObject("f", "winner");
  Thread unlinking("unlink", [&] { EXPECT_TRUE(Unlink("f").has_value()); });
  faulty_.Answer();
  unlinking.Join();
  EXPECT_EQ(Content("f"), "winner");
  EXPECT_EQ(mount_->MustRead("f"), "winner");
  fs().Release(handle);
}

TEST_F(UnlinkTest, ConflictWithoutTheBytesForASiblingLeavesTheWinnersObject) {
  PutForeign("f", std::string(3 * kMiB, 'x'));
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 0, "edit").has_value());
  store_.SetObject("f", "winner");
  EXPECT_TRUE(fs().Flush({}, handle, false).has_value());
  fs().Release(handle);
  while (mount_->cache().statistics().conflicts == 0) sched_yield();
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_EQ(Content("f"), "winner");
}

TEST_F(UnlinkTest, VersionThatWasSeenLongAgoIsLookedAtFirst) {
  PutForeign("f", "x");
  mount_->Node("f");
  clock_.Advance(std::chrono::milliseconds(1500));
  TakeRequests();
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_EQ(TakeRequests(), "DeleteObject HeadObject");
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(UnlinkTest, NewFileOfAnotherMountUnderTheNameIsNotRemoved) {
  PutForeign("f", "old");
  PutForeign("g", "old");
  mount_->Node("f");
  mount_->Node("g");
  clock_.Advance(std::chrono::milliseconds(1500));
  store_.SetObject("f", "new");
  store_.RemoveObject("g");
  TakeRequests();
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_TRUE(Unlink("g").has_value());
  EXPECT_EQ(store_.Count(StoreOperation::kDelete), 0U);
  EXPECT_EQ(mount_->MustRead("f"), "new");
  EXPECT_EQ(mount_->WalkError("g"), ErrorCode::kNotFound);
}

TEST_F(UnlinkTest, VersionIsLookedAtAgainAfterAWait) {
  PutForeign("d/only", "old");
  const NodeId directory = mount_->Node("d");
  mount_->Node("d/only");
  store_.SetHooks([&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kList) return;
    clock_.Advance(std::chrono::seconds(2));
    store_.SetObject("d/only", "new");
  });
  EXPECT_TRUE(Unlink("only", directory).has_value());
  store_.SetHooks({});
  EXPECT_EQ(Content("d/only"), "new");
}

TEST_F(UnlinkTest, Pitfall13_NewFileWhoseAnswerWasLostIsRemoved) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kTimedOut, "injected"), 1, FaultPoint::kAfter);
  EXPECT_FALSE(fs().Flush({}, handle, true).has_value());
  EXPECT_EQ(Content("f"), "content");
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(UnlinkTest, Pitfall13_EditedFileWhoseAnswerWasLostIsRemoved) {
  PutForeign("f", "0123");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 0, "abc").has_value());
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kTimedOut, "injected"), 1, FaultPoint::kAfter);
  EXPECT_FALSE(fs().Flush({}, handle, true).has_value());
  ExpireAll();
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty()) << "not the version that was opened, but one of ours";
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(UnlinkTest, UploadThatMayHaveBeenStoredDoesNotTakeAnothersFileAlong) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kTimedOut, "injected"));
  EXPECT_FALSE(fs().Flush({}, handle, true).has_value());
  store_.SetObject("f", "foreign");
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_EQ(Content("f"), "foreign");
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(mount_->MustRead("f"), "foreign");
}

TEST_F(UnlinkTest, UploadThatWasRefusedHasNothingToRemove) {
  const HandleId handle = mount_->MustCreate("f");
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kAccessDenied, "injected"));
  EXPECT_FALSE(fs().Flush({}, handle, true).has_value());
  TakeRequests();
  EXPECT_TRUE(Unlink("f").has_value());
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(UnlinkTest, Pitfall13_UploadThatBeganDuringTheDeleteIsRemovedToo) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kTimedOut, "injected"), 1, FaultPoint::kAfter);
  EXPECT_FALSE(fs().Flush({}, handle, true).has_value());
  bool drained = false;
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kDelete || std::exchange(drained, true)) return;
    EXPECT_TRUE(mount_->cache().Drain({}).has_value());
    EXPECT_EQ(Content("f"), "content");
  });
  EXPECT_TRUE(Unlink("f").has_value());
  store_.SetHooks({});
  EXPECT_TRUE(drained);
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(UnlinkTest, Pitfall35_ImpliedDirectoryStaysWhenItsLastFileGoes) {
  PutForeign("d/only", "x");
  const NodeId directory = mount_->Node("d");
  mount_->Node("d/only");
  EXPECT_TRUE(Unlink("only", directory).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("d/"));
  ExpireAll();
  EXPECT_TRUE(S_ISDIR(mount_->Stat("d").mode));
}

TEST_F(UnlinkTest, Pitfall35_ImpliedDirectoryStaysWhenItsLastSubdirectoryGoes) {
  PutForeign("d/sub/", "");
  const NodeId directory = mount_->Node("d");
  mount_->Node("d/sub");
  EXPECT_TRUE(Rmdir("sub", directory).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("d/"));
}

TEST_F(UnlinkTest, Pitfall35_FileThatIsHereAloneKeepsNoDirectoryInTheBucket) {
  PutForeign("d/stored", "x");
  const NodeId directory = mount_->Node("d");
  mount_->Names(directory);
  const HandleId open = mount_->MustCreate("unsent", O_WRONLY, directory);
  EXPECT_TRUE(Unlink("stored", directory).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("d/"));
  EXPECT_TRUE(Unlink("unsent", directory).has_value());
  EXPECT_TRUE(mount_->Close(open).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("d/"));
}

TEST_F(UnlinkTest, DirectoryWithOthersOrAMarkerNeedsNone) {
  PutForeign("d/a", "");
  PutForeign("d/b", "");
  const NodeId directory = mount_->Node("d");
  mount_->Names(directory);
  mount_->Node("d/a");
  TakeRequests();
  EXPECT_TRUE(Unlink("a", directory).has_value());
  EXPECT_EQ(TakeRequests(), "DeleteObject") << "the listing shows another name";
  EXPECT_THAT(store_.Keys(), ElementsAre("d/b"));
}

TEST_F(UnlinkTest, RmdirAsksTheBucketAndNotACache) {
  EXPECT_TRUE(Mkdir("d").has_value());
  EXPECT_THAT(mount_->Names(mount_->Node("d")), IsEmpty());
  store_.SetObject("d/foreign", "x");
  EXPECT_EQ(CodeOf(Rmdir("d")), ErrorCode::kNotEmpty);
  store_.RemoveObject("d/foreign");
  TakeRequests();
  EXPECT_TRUE(Rmdir("d").has_value());
  EXPECT_EQ(TakeRequests(), "DeleteObject ListObjectsV2");
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_EQ(mount_->WalkError("d"), ErrorCode::kNotFound);
}

TEST_F(UnlinkTest, RmdirSeesFilesThatAreNotStoredYet) {
  const auto directory = Mkdir("d");
  const HandleId handle = mount_->MustCreate("new", O_WRONLY, directory->node);
  EXPECT_EQ(CodeOf(Rmdir("d")), ErrorCode::kNotEmpty);
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(UnlinkTest, Pitfall34_HiddenKeysKeepTheirDirectory) {
  PutForeign("d/", "");
  PutForeign("d//x", "data");
  mount_->Node("d");
  EXPECT_THAT(mount_->Names(mount_->Node("d")), IsEmpty());
  EXPECT_EQ(CodeOf(Rmdir("d")), ErrorCode::kNotEmpty);
  PutForeign("e/", "a marker with data");
  EXPECT_EQ(CodeOf(Rmdir("e")), ErrorCode::kNotEmpty);
  EXPECT_EQ(Content("d//x"), "data");
  EXPECT_EQ(Content("e/"), "a marker with data");
}

TEST_F(UnlinkTest, Pitfall28_ListingOnItsWayDoesNotUndoAnUnlink) {
  PutForeign("a", "x");
  PutForeign("b", "x");
  bool unlinked = false;
  store_.SetHooks({}, [&](const RecordedOperation& call) {
    if (call.operation != StoreOperation::kList || unlinked) return;
    unlinked = true;
    EXPECT_TRUE(Unlink("a").has_value());
  });
  EXPECT_THAT(mount_->Names(), ElementsAre("b"));
  EXPECT_EQ(mount_->WalkError("a"), ErrorCode::kNotFound);
  EXPECT_THAT(mount_->Names(), ElementsAre("b"));
}

TEST_F(UnlinkTest, MkdirIsDecidedInTheStore) {
  const auto other = AnotherMount();
  EXPECT_EQ(mount_->WalkError("d"), ErrorCode::kNotFound);
  EXPECT_EQ(other->WalkError("d"), ErrorCode::kNotFound);
  EXPECT_TRUE(fs().MakeDirectory({}, mount_->caller, NodeId::kRoot, "d", 0700).has_value());
  EXPECT_EQ(CodeOf(other->fs().MakeDirectory({}, mount_->caller, NodeId::kRoot, "d", 0755)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(other->WalkError("d"), std::nullopt) << "the refusal tells that it exists";
  EXPECT_EQ(store_.GetInfo("d/")->metadata.content_type, "application/x-directory");
  EXPECT_EQ(Metadata("d/").at("mode"), std::to_string(S_IFDIR | 0700));
}

TEST_F(UnlinkTest, MkdirOverAnyNameFails) {
  PutForeign("f", "");
  PutForeign("d/x", "");
  EXPECT_EQ(CodeOf(Mkdir("f")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(CodeOf(Mkdir("d")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(CodeOf(Mkdir("f%file")), ErrorCode::kInvalidArgument);
}

TEST_F(UnlinkTest, RemovedDirectoryTakesNoNewNames) {
  const auto directory = Mkdir("d");
  const auto handle = fs().OpenDirectory({}, directory->node);
  EXPECT_TRUE(Rmdir("d").has_value());
  EXPECT_EQ(CodeOf(mount_->Create("f", O_WRONLY, directory->node)), ErrorCode::kNotFound);
  EXPECT_TRUE(fs().GetAttributes({}, directory->node).has_value());
  EXPECT_EQ(fs().GetAttributes({}, directory->node)->attributes.link_count, 0U);
  fs().ReleaseDirectory(*handle);
}

}  // namespace
}  // namespace cosfuse
