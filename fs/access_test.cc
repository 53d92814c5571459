#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class ReadOnlyTest : public FileSystemTest {
 protected:
  void ExpectChangesAreRefused() {
    const NodeId f = mount_->Node("f");
    EXPECT_EQ(CodeOf(mount_->Create("new")), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(fs().Open({}, mount_->caller, f, O_WRONLY)), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(fs().Open({}, mount_->caller, f, O_RDONLY | O_TRUNC)), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(fs().Unlink({}, NodeId::kRoot, "f")), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(fs().RemoveDirectory({}, NodeId::kRoot, "d")), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(fs().MakeDirectory({}, mount_->caller, NodeId::kRoot, "e", 0755)), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(fs().MakeSymbolicLink({}, mount_->caller, NodeId::kRoot, "l", "f")), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(fs().MakeNode({}, mount_->caller, NodeId::kRoot, "n", S_IFIFO, 0)), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(mount_->Rename("f", "g")), ErrorCode::kReadOnly);
    EXPECT_EQ(CodeOf(mount_->Chmod(f, 0600)), ErrorCode::kReadOnly);
    EXPECT_EQ(mount_->MustRead("f"), "content");
  }
};

TEST_F(ReadOnlyTest, EveryChangeIsRefused) {
  PutForeign("f", "content");
  PutForeign("d/x", "");
  options_.access = AccessMode::kReadOnly;
  Mount();
  ExpectChangesAreRefused();
  EXPECT_EQ(store_.Keys().size(), 2U);
}

TEST_F(ReadOnlyTest, Pitfall38_DrainingRefusesNewChangesAndLetsWritersFinish) {
  PutForeign("f", "content");
  PutForeign("d/x", "");
  const HandleId writer = mount_->MustCreate("open");
  EXPECT_EQ(fs().open_writers(), 1U);
  fs().SetPhase(MountPhase::kDraining);
  ExpectChangesAreRefused();
  EXPECT_TRUE(mount_->Write(writer, 0, "finished").has_value());
  EXPECT_TRUE(fs().SetAttributes({}, mount_->caller, mount_->Node("open"), writer, {.size = 6}).has_value());
  EXPECT_TRUE(mount_->Close(writer).has_value());
  EXPECT_EQ(fs().open_writers(), 0U);
  EXPECT_EQ(Content("open"), "finish");
}

TEST_F(ReadOnlyTest, LastPhaseRefusesWritersToo) {
  PutForeign("f", "content");
  PutForeign("d/x", "");
  const HandleId writer = mount_->MustCreate("open");
  fs().SetPhase(MountPhase::kReadOnly);
  ExpectChangesAreRefused();
  EXPECT_EQ(CodeOf(mount_->Write(writer, 0, "late")), ErrorCode::kReadOnly);
  EXPECT_EQ(CodeOf(fs().SetAttributes({}, mount_->caller, mount_->Node("open"), writer, {.size = 1})),
            ErrorCode::kReadOnly);
}

class DropBoxTest : public FileSystemTest {
 protected:
  DropBoxTest() {
    options_.access = AccessMode::kWriteOnly;
    Mount();
    // The role of an Object Writer: it may put, and nothing else.
    const Error refused(ErrorCode::kAccessDenied, "the role may only put");
    for (const StoreOperation operation :
         {StoreOperation::kHead, StoreOperation::kGet, StoreOperation::kList, StoreOperation::kDelete,
          StoreOperation::kDeleteMany, StoreOperation::kCopy}) {
      faulty_.FailNext(operation, refused, FaultyObjectStore::kAlways);
    }
    faulty_.SetHook([this](StoreOperation operation, const ObjectKey&) {
      if (operation != StoreOperation::kPut) ++forbidden_;
    });
  }
  void TearDown() override { EXPECT_EQ(forbidden_, 0) << "only puts are ever asked for"; }

  std::atomic<int> forbidden_ = 0;
};

TEST_F(DropBoxTest, EchoIntoAnUnknownNameReplacesWhateverIsThere) {
  PutForeign("f.txt", "old");
  EXPECT_TRUE(mount_->WriteFile("f.txt", "hello world").has_value());
  EXPECT_EQ(Content("f.txt"), "hello world");
  EXPECT_EQ(store_.GetInfo("f.txt")->metadata.content_type, "text/plain");
  EXPECT_EQ(TakeRequests(), "PutObject");
}

TEST_F(DropBoxTest, NameIsKnownOnlyIfThisMountWroteIt) {
  PutForeign("foreign", "x");
  EXPECT_EQ(mount_->WalkError("foreign"), ErrorCode::kNotFound);
  EXPECT_TRUE(mount_->WriteFile("own", "x").has_value());
  EXPECT_EQ(mount_->Stat("own").size, 1U);
  EXPECT_THAT(mount_->Names(), ElementsAre("own"));
}

TEST_F(DropBoxTest, NameStaysKnownAfterTheKernelForgotIt) {
  const auto created = mount_->Create("own", O_WRONLY | O_TRUNC);
  EXPECT_TRUE(mount_->Close(created->file.handle).has_value());
  fs().Forget(created->entry.node, 1);
  EXPECT_EQ(mount_->WalkError("own"), std::nullopt);
}

TEST_F(DropBoxTest, AppendToAnUnknownNameCannotReplaceIt) {
  PutForeign("log", "all that was logged");
  const auto created = mount_->Create("log", O_WRONLY | O_APPEND);
  ASSERT_TRUE(created.has_value());
  EXPECT_TRUE(mount_->Write(created->file.handle, 0, "one line").has_value());
  EXPECT_FALSE(mount_->Close(created->file.handle).has_value());
  EXPECT_EQ(Content("log"), "all that was logged");
  forbidden_ = 0;  // How a conflict is told from an own lost answer is the upload's affair.
}

TEST_F(DropBoxTest, WhatWasWrittenHereIsReadableAndCanBeExtended) {
  EXPECT_TRUE(mount_->WriteFile("own", "content").has_value());
  EXPECT_EQ(mount_->MustRead("own"), "content");
  const HandleId handle = mount_->MustOpen("own", O_WRONLY | O_APPEND);
  EXPECT_TRUE(mount_->Write(handle, 0, " and more").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_EQ(Content("own"), "content and more");
  EXPECT_TRUE(mount_->WriteFile("own", "again").has_value());
  EXPECT_EQ(Content("own"), "again");
}

TEST_F(DropBoxTest, WhatIsNoLongerAtHandIsDenied) {
  // Beyond the number of contents that are kept, the first ones are gone.
  EXPECT_TRUE(mount_->WriteFile("first", "content").has_value());
  for (int i = 0; i < 4100; ++i) ASSERT_TRUE(mount_->WriteFile(std::to_string(i), "x").has_value());
  EXPECT_EQ(CodeOf(mount_->Open("first", O_RDONLY)), ErrorCode::kAccessDenied);
  EXPECT_EQ(CodeOf(mount_->Open("first", O_WRONLY | O_APPEND)), ErrorCode::kAccessDenied);
  EXPECT_TRUE(mount_->WriteFile("first", "new").has_value());
  EXPECT_EQ(Content("first"), "new");
  EXPECT_EQ(fs().handles(), 0U);
}

TEST_F(DropBoxTest, DirectoriesAreMadeAndLearntByTheRefusal) {
  PutForeign("there/", "");
  const auto made = fs().MakeDirectory({}, mount_->caller, NodeId::kRoot, "made", 0755);
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(mount_->WriteFile("f", "below", made->node).has_value());
  EXPECT_EQ(Content("made/f"), "below");
  EXPECT_EQ(mount_->WalkError("there"), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(fs().MakeDirectory({}, mount_->caller, NodeId::kRoot, "there", 0755)), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(mount_->WriteFile("f", "below", mount_->Node("there")).has_value());
  EXPECT_EQ(Content("there/f"), "below");
  EXPECT_THAT(mount_->Names(), UnorderedElementsAre("made/", "there/"));
}

TEST_F(DropBoxTest, RemovingAndMovingAreDenied) {
  EXPECT_TRUE(mount_->WriteFile("own", "x").has_value());
  EXPECT_EQ(CodeOf(fs().Unlink({}, NodeId::kRoot, "own")), ErrorCode::kAccessDenied);
  EXPECT_EQ(CodeOf(mount_->Rename("own", "other")), ErrorCode::kAccessDenied);
  EXPECT_EQ(CodeOf(fs().RemoveDirectory({}, NodeId::kRoot, "own")), ErrorCode::kAccessDenied);
  EXPECT_EQ(CodeOf(mount_->Chmod(mount_->Node("own"), 0600)), ErrorCode::kAccessDenied);
}

TEST_F(DropBoxTest, AttributesRideAlongWithTheUpload) {
  const auto created = mount_->Create("f", O_WRONLY | O_TRUNC);
  EXPECT_TRUE(mount_->Chmod(created->entry.node, 0600).has_value());
  EXPECT_TRUE(mount_->Close(created->file.handle).has_value());
  EXPECT_EQ(Metadata("f").at("mode"), std::to_string(S_IFREG | 0600));
}

}  // namespace
}  // namespace cosfuse
