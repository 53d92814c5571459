#include <algorithm>

#include "base/thread.h"
#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

/// A file that is written and closed, and the directory above it that is renamed or removed at the same time.
class CloseAndDirectoryTest : public FileSystemTest {
 protected:
  NodeId MakeDirectory(std::string_view name) {
    const auto made = fs().MakeDirectory({}, mount_->caller, NodeId::kRoot, name, 0755);
    EXPECT_TRUE(made.has_value());
    return made ? made->node : NodeId{};
  }
};

TEST_F(CloseAndDirectoryTest, Pitfall37_CloseAfterARenameOfTheDirectoryStoresUnderTheNewName) {
  const HandleId handle = mount_->MustCreate("f", O_WRONLY, MakeDirectory("old"));
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  EXPECT_TRUE(mount_->Rename("old", "new").has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_THAT(store_.Keys(), ::testing::ElementsAre("new/", "new/f"));
  EXPECT_EQ(Content("new/f"), "content");
}

TEST_F(CloseAndDirectoryTest, Pitfall37_DirectoryOfAFileThatIsNotStoredYetIsNotEmpty) {
  const HandleId handle = mount_->MustCreate("f", O_WRONLY, MakeDirectory("d"));
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  EXPECT_EQ(CodeOf(fs().RemoveDirectory({}, NodeId::kRoot, "d")), ErrorCode::kNotEmpty);
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_THAT(store_.Keys(), ::testing::ElementsAre("d/", "d/f"));
}

TEST_F(CloseAndDirectoryTest, Pitfall37_UnlinkedFileDoesNotBringItsRemovedDirectoryBack) {
  const NodeId directory = MakeDirectory("d");
  const HandleId handle = mount_->MustCreate("f", O_RDWR, directory);
  EXPECT_TRUE(mount_->Write(handle, 0, "content").has_value());
  EXPECT_TRUE(fs().Unlink({}, directory, "f").has_value());
  EXPECT_TRUE(fs().RemoveDirectory({}, NodeId::kRoot, "d").has_value());
  EXPECT_EQ(mount_->Read(handle), "content");
  EXPECT_TRUE(fs().Fsync({}, handle).has_value());
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_TRUE(store_.Keys().empty());
  EXPECT_EQ(mount_->WalkError("d"), ErrorCode::kNotFound);
}

TEST_F(CloseAndDirectoryTest, Pitfall37_ClosesAndRenamesOfTheDirectoryLeaveEachFileOnce) {
  constexpr int kWriters = 3;
  constexpr int kFiles = 25;
  constexpr int kRenames = 40;
  const NodeId directory = MakeDirectory("one");
  const auto name_of = [](int writer, int file) { return std::to_string(writer) + "-" + std::to_string(file); };
  std::vector<Thread> threads;
  threads.reserve(kWriters + 1);
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back("writer", [&, writer] {
      for (int file = 0; file < kFiles; ++file) {
        const std::string name = name_of(writer, file);
        const auto created = fs().Create({}, mount_->caller, directory, name, 0644, O_CREAT | O_WRONLY);
        ASSERT_TRUE(created.has_value()) << created.error().ToString();
        EXPECT_TRUE(mount_->Write(created->file.handle, 0, name).has_value());
        if (file % 2 == 0) {
          EXPECT_TRUE(fs().Fsync({}, created->file.handle).has_value());
          EXPECT_TRUE(mount_->Write(created->file.handle, name.size(), "!").has_value());
        }
        const auto closed = mount_->Close(created->file.handle);
        EXPECT_TRUE(closed.has_value()) << closed.error().ToString();
      }
    });
  }
  threads.emplace_back("renamer", [&] {
    for (int i = 0; i < kRenames; ++i) {
      const auto renamed = i % 2 == 0 ? mount_->Rename("one", "two") : mount_->Rename("two", "one");
      EXPECT_TRUE(renamed.has_value()) << renamed.error().ToString();
    }
  });
  threads.clear();
  std::vector<ObjectKey> expected = {"one/"};
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int file = 0; file < kFiles; ++file) {
      const std::string name = name_of(writer, file);
      expected.push_back("one/" + name);
      EXPECT_EQ(Content("one/" + name), name + (file % 2 == 0 ? "!" : ""));
    }
  }
  std::ranges::sort(expected);
  EXPECT_EQ(store_.Keys(), expected);
}

}  // namespace
}  // namespace cosfuse
