#include <stdio.h>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(MountTest, RenameMovesTheObject) {
  WriteWholeFile(Path("from"), "content");
  ASSERT_EQ(rename(Path("from").c_str(), Path("to").c_str()), 0);
  EXPECT_EQ(StatErrno(Path("from")), ENOENT);
  EXPECT_EQ(ReadWholeFile(Path("to")), "content");
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"to"});
}

TEST_F(MountTest, RenameReplacesTheTarget) {
  WriteWholeFile(Path("from"), "new");
  WriteWholeFile(Path("to"), "old");
  ASSERT_EQ(rename(Path("from").c_str(), Path("to").c_str()), 0);
  EXPECT_EQ(ReadWholeFile(Path("to")), "new");
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"to"});
}

TEST_F(MountTest, RenameNoReplaceRefusesAnExistingTarget) {
  WriteWholeFile(Path("from"), "new");
  WriteWholeFile(Path("to"), "old");
  EXPECT_EQ(ErrnoOf(renameat2(AT_FDCWD, Path("from").c_str(), AT_FDCWD, Path("to").c_str(), RENAME_NOREPLACE)), EEXIST);
  EXPECT_EQ(emulator_.FetchObject("to").body, "old");
}

TEST_F(MountTest, RenameExchangeIsRefusedCleanly) {
  WriteWholeFile(Path("from"), "1");
  WriteWholeFile(Path("to"), "2");
  EXPECT_EQ(ErrnoOf(renameat2(AT_FDCWD, Path("from").c_str(), AT_FDCWD, Path("to").c_str(), RENAME_EXCHANGE)), EINVAL);
}

TEST_F(MountTest, Pitfall12_WriteTemporaryThenRenameLeavesExactlyTheTarget) {
  for (int round = 0; round < 20; ++round) {
    const std::string content = "version " + std::to_string(round);
    WriteWholeFile(Path("file.tmp"), content);
    ASSERT_EQ(rename(Path("file.tmp").c_str(), Path("file").c_str()), 0);
    ASSERT_EQ(emulator_.FetchObject("file").body, content);
  }
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"file"});
}

TEST_F(MountTest, RenameOfADirtyOpenFileStoresItUnderTheNewNameOnly) {
  FileDescriptor fd = MustOpen(Path("from"), O_CREAT | O_WRONLY);
  MustWrite(fd, "first ");
  ASSERT_EQ(rename(Path("from").c_str(), Path("to").c_str()), 0);
  MustWrite(fd, "second");
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.FetchObject("to").body, "first second");
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"to"});
}

TEST_F(MountTest, RenameOfADirectoryMovesEverythingBelow) {
  emulator_.PutObject("old/a", "1");
  emulator_.PutObject("old/deep/b", "2");
  ASSERT_EQ(mkdir(Path("old/empty").c_str(), 0755), 0);
  ASSERT_EQ(rename(Path("old").c_str(), Path("new").c_str()), 0);
  EXPECT_EQ(StatErrno(Path("old")), ENOENT);
  EXPECT_EQ(ReadWholeFile(Path("new/a")), "1");
  EXPECT_EQ(ReadWholeFile(Path("new/deep/b")), "2");
  for (const std::string& key : emulator_.Keys()) EXPECT_TRUE(key.starts_with("new/")) << key;
}

TEST_F(MountTest, RenameOntoANonEmptyDirectoryIsRefused) {
  emulator_.PutObject("a/x", "1");
  emulator_.PutObject("b/y", "2");
  EXPECT_EQ(ErrnoOf(rename(Path("a").c_str(), Path("b").c_str())), ENOTEMPTY);
}

TEST_F(MountTest, OpenReaderSurvivesTheRenameOfItsFile) {
  const std::string content = PatternBytes(3 * kMiB, 3);
  emulator_.PutObject("from", content);
  const FileDescriptor fd = MustOpen(Path("from"), O_RDONLY);
  ASSERT_EQ(rename(Path("from").c_str(), Path("to").c_str()), 0);
  std::string seen(content.size(), '\0');
  ASSERT_EQ(pread(fd.get(), seen.data(), 1024, 2'000'000), 1024);
  EXPECT_EQ(seen.substr(0, 1024), content.substr(2'000'000, 1024));
}

}  // namespace
}  // namespace cosfuse::testing
