#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

using WriteTest = FileSystemTest;

TEST_F(WriteTest, NewFileCostsOnePutAtClose) {
  const HandleId handle = mount_->MustCreate("f.txt");
  TakeRequests();
  EXPECT_TRUE(mount_->Write(handle, 0, "hello world").has_value());
  EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f.txt"), handle, {.permissions = 0600}).has_value());
  const AttributeChange times = {.modification_time = WallTime(std::chrono::seconds(1'500'000'000))};
  EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("f.txt"), handle, times).has_value());
  EXPECT_EQ(TakeRequests(), "");
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(TakeRequests(), "PutObject");
  EXPECT_EQ(Content("f.txt"), "hello world");
  EXPECT_EQ(store_.GetInfo("f.txt")->metadata.content_type, "text/plain");
  const UserMetadata metadata = Metadata("f.txt");
  EXPECT_EQ(metadata.at("mode"), std::to_string(S_IFREG | 0600));
  EXPECT_EQ(metadata.at("uid"), "1000");
  EXPECT_EQ(metadata.at("mtime"), "1500000000");
}

TEST_F(WriteTest, OwnCreateIsSeenAtOnceByNameListingAndSize) {
  EXPECT_EQ(mount_->WalkError("f"), ErrorCode::kNotFound);
  EXPECT_THAT(mount_->Names(), ElementsAre());
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "12345").has_value());
  TakeRequests();
  EXPECT_EQ(mount_->Stat("f").size, 5U);
  EXPECT_THAT(mount_->Names(), ElementsAre("f"));
  EXPECT_EQ(TakeRequests(), "");
  ExpireAll();
  EXPECT_EQ(mount_->Stat("f").size, 5U);
  EXPECT_THAT(mount_->Names(), ElementsAre("f"));
}

TEST_F(WriteTest, UmaskAndDirectoryGroupApplyToNewFiles) {
  ObjectMetadata metadata;
  metadata.user = {{"mode", std::to_string(S_IFDIR | 02775)}, {"gid", "77"}};
  PutForeign("d/", "", metadata);
  const auto created = mount_->Create("f", O_WRONLY, mount_->Node("d"), 0666);
  ASSERT_TRUE(created.has_value());
  EXPECT_EQ(created->entry.attributes.attributes.mode, static_cast<mode_t>(S_IFREG | 0644));
  EXPECT_EQ(created->entry.attributes.attributes.gid, 77U);
}

TEST_F(WriteTest, EmptyNewFileIsStoredToo) {
  EXPECT_TRUE(mount_->WriteFile("empty", "").has_value());
  EXPECT_EQ(Content("empty"), "");
}

TEST_F(WriteTest, ExclusiveCreateOfAnExistingNameFails) {
  PutForeign("f", "x");
  EXPECT_EQ(CodeOf(mount_->Create("f", O_WRONLY | O_EXCL)), ErrorCode::kAlreadyExists);
  const HandleId handle = mount_->MustCreate("g");
  EXPECT_EQ(CodeOf(mount_->Create("g", O_WRONLY | O_EXCL)), ErrorCode::kAlreadyExists) << "also one not yet stored";
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(WriteTest, CreateOfAnExistingNameOpensIt) {
  PutForeign("f", "content");
  const auto created = mount_->Create("f", O_RDWR);
  ASSERT_TRUE(created.has_value());
  EXPECT_EQ(mount_->Read(created->file.handle), "content");
  PutForeign("d/x", "");
  EXPECT_EQ(CodeOf(mount_->Create("d", O_RDWR)), ErrorCode::kIsDirectory);
}

TEST_F(WriteTest, Pitfall33_ExclusiveCreateOfALockNameIsDecidedInTheStore) {
  const auto other = AnotherMount();
  EXPECT_EQ(mount_->WalkError("a.lock"), ErrorCode::kNotFound);
  EXPECT_EQ(other->WalkError("a.lock"), ErrorCode::kNotFound);
  const auto winner = mount_->Create("a.lock", O_WRONLY | O_EXCL);
  ASSERT_TRUE(winner.has_value());
  EXPECT_EQ(CodeOf(other->Create("a.lock", O_WRONLY | O_EXCL)), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(mount_->Write(winner->file.handle, 0, "pid").has_value());
  EXPECT_TRUE(mount_->Close(winner->file.handle).has_value());
  EXPECT_EQ(Content("a.lock"), "pid");
}

TEST_F(WriteTest, Pitfall26_OwnLostAnswerDoesNotLoseTheLock) {
  // The store carries the create out, the answer is lost, and the request that is sent again meets its own object.
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kAlreadyExists, "injected"), 1, FaultPoint::kAfter);
  const auto created = mount_->Create("a.lock", O_WRONLY | O_EXCL);
  ASSERT_TRUE(created.has_value()) << created.error().ToString();
  EXPECT_TRUE(mount_->Close(created->file.handle).has_value());
  EXPECT_EQ(CodeOf(mount_->Create("a.lock", O_WRONLY | O_EXCL)), ErrorCode::kAlreadyExists);
}

TEST_F(WriteTest, AppendGoesToTheEndWhateverTheOffset) {
  PutForeign("log", "one\n");
  const HandleId first = mount_->MustOpen("log", O_WRONLY | O_APPEND);
  const HandleId second = mount_->MustOpen("log", O_WRONLY | O_APPEND);
  EXPECT_TRUE(mount_->Write(first, 0, "two\n").has_value());
  EXPECT_TRUE(mount_->Write(second, 0, "three\n").has_value());
  EXPECT_TRUE(mount_->Close(first).has_value());
  EXPECT_TRUE(mount_->Close(second).has_value());
  EXPECT_EQ(Content("log"), "one\ntwo\nthree\n");
}

TEST_F(WriteTest, Pitfall14_SecondDescriptorSeesUnflushedBytes) {
  const HandleId writer = mount_->MustCreate("f", O_RDWR);
  EXPECT_TRUE(mount_->Write(writer, 0, "aaaa").has_value());
  const HandleId other = mount_->MustOpen("f", O_RDWR);
  EXPECT_EQ(mount_->Read(other), "aaaa");
  EXPECT_TRUE(mount_->Write(other, 2, "bb").has_value());
  EXPECT_EQ(mount_->Read(writer), "aabb");
  EXPECT_TRUE(mount_->Close(writer).has_value());
  EXPECT_TRUE(mount_->Close(other).has_value());
  EXPECT_EQ(Content("f"), "aabb");
}

TEST_F(WriteTest, EditKeepsTheRestAndTheForeignMetadata) {
  ObjectMetadata metadata;
  metadata.user = {{"owner-team", "billing"}};
  metadata.content_type = "application/x-special";
  metadata.standard = {{"cache-control", "no-store"}};
  PutForeign("f", "0123456789", metadata);
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 3, "xyz").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("f"), "012xyz6789");
  const ObjectMetadata stored = store_.GetInfo("f")->metadata;
  EXPECT_EQ(stored.user.at("owner-team"), "billing");
  EXPECT_EQ(stored.content_type, "application/x-special");
  EXPECT_EQ(stored.standard.at("cache-control"), "no-store");
}

TEST_F(WriteTest, Pitfall1_FailedUploadReachesCloseAndTheNextFsyncSendsEverything) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "all of it").has_value());
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_EQ(CodeOf(fs().Flush({}, handle, true)), ErrorCode::kUnavailable);
  EXPECT_EQ(Content("f"), "no such object");
  EXPECT_TRUE(fs().Fsync({}, handle).has_value());
  EXPECT_EQ(Content("f"), "all of it");
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(WriteTest, Pitfall2_FailedWriteChangesNeitherSizeNorTimes) {
  PutForeign("f", "content");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  const FileAttributes before = mount_->Stat("f");
  mount_->disk().SetCapacity(0);
  EXPECT_EQ(CodeOf(mount_->Write(handle, 0, std::string(100'000, 'x'))), ErrorCode::kNoSpace);
  const FileAttributes after = mount_->Stat("f");
  EXPECT_EQ(after.size, before.size);
  EXPECT_EQ(after.modification_time, before.modification_time);
  TakeRequests();
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("f"), "content");
}

TEST_F(WriteTest, Pitfall5_SequentialWriterSendsEachByteOnce) {
  constexpr size_t kPiece = 64 * kKiB;
  constexpr int kPieces = 40;
  const HandleId handle = mount_->MustCreate("f");
  for (int i = 0; i < kPieces; ++i) {
    EXPECT_TRUE(mount_->Write(handle, i * kPiece, std::string(kPiece, 'x')).has_value());
  }
  EXPECT_TRUE(mount_->Close(handle).has_value());
  ByteCount sent = 0;
  for (const RecordedOperation& call : store_.operations()) sent += call.bytes;
  EXPECT_EQ(sent, kPieces * kPiece);
}

TEST_F(WriteTest, Pitfall6_FullDiskFailsTheWriteAndTheObjectStaysWhole) {
  PutForeign("f", "old content");
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  mount_->disk().SetCapacity(0);
  EXPECT_EQ(CodeOf(mount_->Write(handle, 4, "bytes that find no room")), ErrorCode::kNoSpace);
  EXPECT_TRUE(fs().Flush({}, handle, true).has_value()) << "nothing was written, so nothing has failed to arrive";
  EXPECT_EQ(Content("f"), "old content");
  EXPECT_EQ(mount_->Read(handle), "old content");
  mount_->disk().SetCapacity(kMiB);
  EXPECT_TRUE(mount_->Write(handle, 4, "CONTENT").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("f"), "old CONTENT");
}

TEST_F(WriteTest, Pitfall10_EachVersionHasItsOwnLength) {
  const auto expect = [&](std::string_view content) {
    EXPECT_EQ(mount_->Stat("f").size, content.size());
    EXPECT_EQ(mount_->MustRead("f"), content);
    EXPECT_EQ(mount_->Stat("f").size, content.size());
  };
  EXPECT_TRUE(mount_->WriteFile("f", "a first version").has_value());
  expect("a first version");
  EXPECT_TRUE(mount_->WriteFile("f", "short").has_value());
  expect("short");
  PutForeign("f", "a longer one, by another client");
  expect("a longer one, by another client");
  PutForeign("f", "");
  expect("");
  EXPECT_TRUE(mount_->WriteFile("f", "ours again").has_value());
  expect("ours again");
  EXPECT_EQ(Content("f"), "ours again");
}

TEST_F(WriteTest, Pitfall15_EachFlushStoresWhatWasWrittenBefore) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "a\n").has_value());
  EXPECT_TRUE(fs().Flush({}, handle, true).has_value());
  EXPECT_EQ(Content("f"), "a\n");
  EXPECT_TRUE(mount_->Write(handle, 2, "b\n").has_value());
  EXPECT_TRUE(fs().Flush({}, handle, true).has_value());
  EXPECT_EQ(Content("f"), "a\nb\n");
  TakeRequests();
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(TakeRequests(), "") << "nothing is dirty any more";
}

TEST_F(WriteTest, Pitfall16_ReleaseWithoutFlushIsStillStored) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  fs().Release(handle);
  EXPECT_EQ(mount_->Stat("f").size, 7U);
  EXPECT_TRUE(mount_->cache().Drain({}).has_value());
  EXPECT_EQ(Content("f"), "content");
}

TEST_F(WriteTest, KilledProcessOnlyStartsTheUpload) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.StopAnswering();
  EXPECT_TRUE(fs().Flush({}, handle, false).has_value());
  fs().Release(handle);
  EXPECT_EQ(mount_->Stat("f").size, 7U) << "answered while the store is silent";
  faulty_.Answer();
  EXPECT_TRUE(mount_->cache().Drain({}).has_value());
  EXPECT_EQ(Content("f"), "content");
}

TEST_F(WriteTest, InterruptedCloseSaysSoAndTheUploadGoesOn) {
  const HandleId handle = mount_->MustCreate("f");
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  faulty_.StopAnswering();
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->Cancel();
  EXPECT_EQ(CodeOf(fs().Flush(OpContext().WithCancellation(cancellation), handle, true)), ErrorCode::kCancelled);
  fs().Release(handle);
  faulty_.Answer();
  EXPECT_TRUE(mount_->cache().Drain({}).has_value());
  EXPECT_EQ(Content("f"), "content");
}

TEST_F(WriteTest, Pitfall41_StoredFileThatWasReleasedDirtyIsLetGoOf) {
  const auto created = mount_->Create("f");
  EXPECT_TRUE(mount_->Write(created->file.handle, 0, "content").has_value());
  fs().Release(created->file.handle);
  fs().Forget(created->entry.node, 1);
  EXPECT_TRUE(mount_->cache().Drain({}).has_value());
  fs().Forget(NodeId{12345}, 1);  // Any call sweeps.
  EXPECT_EQ(fs().nodes(), 1U);
  EXPECT_EQ(fs().handles(), 0U);
}

TEST_F(WriteTest, Pitfall25_SecondWriterFailsTheNameShowsTheWinnerAndNoByteIsLost) {
  PutForeign("f", "base");
  const auto other = AnotherMount();
  const HandleId loser = mount_->MustOpen("f", O_RDWR | O_TRUNC);
  const HandleId winner = other->MustOpen("f", O_RDWR | O_TRUNC);
  EXPECT_TRUE(mount_->Write(loser, 0, "loser").has_value());
  EXPECT_TRUE(other->Write(winner, 0, "winner").has_value());
  EXPECT_TRUE(other->Close(winner).has_value());
  EXPECT_EQ(CodeOf(fs().Flush({}, loser, true)), ErrorCode::kStale);
  EXPECT_EQ(Content("f"), "winner");
  EXPECT_EQ(mount_->MustRead("f"), "winner");
  const auto names = mount_->Names();
  ASSERT_EQ(names.size(), 2U);
  const std::string& sibling = names[0] == "f" ? names[1] : names[0];
  EXPECT_THAT(sibling, ::testing::StartsWith("f.conflict-"));
  EXPECT_EQ(Content(sibling), "loser");
  EXPECT_TRUE(mount_->Write(loser, 5, " again").has_value());
  EXPECT_EQ(CodeOf(mount_->Close(loser)), ErrorCode::kStale) << "the handle is bound to the sibling";
  EXPECT_EQ(Content(sibling), "loser again");
  EXPECT_EQ(Content("f"), "winner");
}

TEST_F(WriteTest, NothingWrittenChangesNoTime) {
  const HandleId handle = mount_->MustCreate("f");
  const WallTime before = mount_->Stat("f").modification_time;
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(mount_->Write(handle, 0, "").has_value());
  EXPECT_EQ(mount_->Stat("f").modification_time, before);
  EXPECT_TRUE(mount_->Close(handle).has_value());
}

TEST_F(WriteTest, Pitfall25_EditWhoseBaseIsGoneIsKeptAsAnArchiveAndStaleAtEveryClose) {
  PutForeign("f", std::string(2 * kMiB, 'b'));
  const HandleId handle = mount_->MustOpen("f", O_RDWR);
  EXPECT_TRUE(mount_->Write(handle, 5, "edit").has_value());
  store_.SetObject("f", "winner");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(CodeOf(fs().Fsync({}, handle)), ErrorCode::kStale);
    EXPECT_EQ(CodeOf(fs().Flush({}, handle, true)), ErrorCode::kStale);
    EXPECT_EQ(mount_->MustRead("f"), "winner");
  }
  const auto keys = store_.Keys();
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(Content("f"), "winner");
  EXPECT_THAT(keys[1], ::testing::MatchesRegex("f[.]conflict-.*[.]changes[.]tar"));
  EXPECT_THAT(Content(keys[1]), ::testing::HasSubstr("edit"));
  EXPECT_TRUE(mount_->Write(handle, 9, " more").has_value());
  EXPECT_EQ(CodeOf(mount_->Close(handle)), ErrorCode::kStale);
  EXPECT_EQ(store_.Keys(), keys);
  EXPECT_THAT(Content(keys[1]), ::testing::HasSubstr("edit more"));
}

TEST_F(WriteTest, OwnVersionAfterCloseIsNoForeignOne) {
  const HandleId handle = mount_->MustCreate("f");
  const NodeId node = mount_->Node("f");
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(mount_->Write(handle, 0, std::to_string(round)).has_value());
    EXPECT_TRUE(fs().Flush({}, handle, true).has_value());
    ExpireAll();
    EXPECT_EQ(mount_->Node("f"), node);
  }
  EXPECT_TRUE(mount_->Close(handle).has_value());
  ExpireAll();
  EXPECT_EQ(mount_->Node("f"), node);
  EXPECT_EQ(mount_->MustRead("f"), "2");
}

TEST_F(WriteTest, NameThatIsReservedIsRefused) {
  EXPECT_EQ(CodeOf(mount_->Create("foo%file")), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(mount_->WriteFile("foo%%file", "x").has_value());
  EXPECT_EQ(Content("foo%file"), "x");
}

TEST_F(WriteTest, NewFileInADirectoryThatVanishedElsewhereKeepsIt) {
  PutForeign("d/x", "1");
  const NodeId directory = mount_->Node("d");
  const HandleId handle = mount_->MustCreate("new", O_WRONLY, directory);
  store_.RemoveObject("d/x");
  ExpireAll();
  EXPECT_EQ(mount_->Node("d"), directory);
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("d/new"));
}

TEST_F(WriteTest, Pitfall27_LockWhoseOwnerCannotBeAskedForIsNotSaidToBeTaken) {
  // The create was carried out, its answer is lost, and nobody answers who has made it.
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kAlreadyExists, "its own"), 1, FaultPoint::kAfter);
  ASSERT_EQ(mount_->WalkError("x.lock"), ErrorCode::kNotFound);
  faulty_.FailNext(StoreOperation::kHead, Error(ErrorCode::kTimedOut, "injected"));
  const auto created = fs().Create({}, mount_->caller, NodeId::kRoot, "x.lock", 0644, O_CREAT | O_EXCL | O_WRONLY);
  EXPECT_EQ(CodeOf(created), ErrorCode::kTimedOut);
}

}  // namespace
}  // namespace cosfuse
