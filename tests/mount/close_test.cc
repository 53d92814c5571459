#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(MountTest, FsyncPutsTheBytesIntoTheStoreBeforeClose) {
  const FileDescriptor fd = MustOpen(Path("f"), O_CREAT | O_WRONLY);
  MustWrite(fd, "synced");
  EXPECT_EQ(fsync(fd.get()), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, "synced");
}

TEST_F(MountTest, Pitfall1_FailedUploadReachesCloseAndNothingIsLost) {
  emulator_.PutObject("f", "old");
  FileDescriptor first = MustOpen(Path("f"), O_WRONLY | O_TRUNC);
  MustWrite(first, "new content");
  const FileDescriptor second = MustOpen(Path("f"), O_WRONLY);
  emulator_.Post("fault?op=PutObject&status=403&code=AccessDenied&count=1000");
  EXPECT_EQ(CloseStatus(first), EACCES);
  EXPECT_EQ(emulator_.FetchObject("f").body, "old");
  emulator_.Post("fault/clear");
  EXPECT_EQ(fsync(second.get()), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, "new content");
}

TEST_F(MountTest, TransientFailuresOfTheStoreStayInvisible) {
  emulator_.Post("fault?op=PutObject&status=503&code=SlowDown&count=2");
  WriteWholeFile(Path("f"), "content");
  EXPECT_EQ(emulator_.FetchObject("f").body, "content");
}

TEST_F(MountTest, Pitfall26_LostAnswerOfOurOwnPutIsNoConflict) {
  emulator_.Post("fault?op=PutObject&kind=reset-after&count=1");
  FileDescriptor fd = MustOpen(Path("f"), O_CREAT | O_WRONLY);
  MustWrite(fd, "content");
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"f"});
}

TEST_F(UncachedMountTest, Pitfall25_SecondWriterGetsStaleAndKeepsItsBytesBesideTheWinner) {
  emulator_.PutObject("f", "base");
  FileDescriptor fd = MustOpen(Path("f"), O_WRONLY);
  MustWrite(fd, "mine");
  emulator_.PutObject("f", "theirs");
  EXPECT_EQ(CloseStatus(fd), ESTALE);
  EXPECT_EQ(emulator_.FetchObject("f").body, "theirs");
  const auto keys = emulator_.Keys();
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_TRUE(keys[1].starts_with("f.conflict-")) << keys[1];
  EXPECT_EQ(emulator_.FetchObject(keys[1]).body, "mine");
  EXPECT_EQ(ReadWholeFile(Path("f")), "theirs");
}

TEST_F(MountTest, Pitfall9_TruncateOfAFileThatNobodyHasOpenIsUploaded) {
  emulator_.PutObject("f", "0123456789");
  ASSERT_EQ(truncate(Path("f").c_str(), 4), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, "0123");
}

TEST_F(MountTest, Pitfall8_TruncateDownThenUpReadsZeros) {
  emulator_.PutObject("f", std::string(100'000, 'x'));
  FileDescriptor fd = MustOpen(Path("f"), O_RDWR);
  ASSERT_EQ(ftruncate(fd.get(), 10), 0);
  ASSERT_EQ(ftruncate(fd.get(), 50'000), 0);
  std::string seen(50'000, '?');
  ASSERT_EQ(pread(fd.get(), seen.data(), seen.size(), 0), 50'000);
  const std::string expected = std::string(10, 'x') + std::string(49'990, '\0');
  EXPECT_TRUE(seen == expected);
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_TRUE(emulator_.FetchObject("f").body == expected);
}

TEST_F(MountTest, EmptyFileIsAnObject) {
  ASSERT_EQ(RunShell("touch empty", mount_.mountpoint()).status.code, 0);
  const RawAnswer object = emulator_.FetchObject("empty");
  EXPECT_EQ(object.status, 200);
  EXPECT_TRUE(object.body.empty());
}

TEST_F(MountTest, ProcessThatExitsWithoutCloseHasStoredItsBytes) {
  ASSERT_EQ(RunShell("exec 7> f; echo left-open >&7", mount_.mountpoint()).status.code, 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, "left-open\n");
}

}  // namespace
}  // namespace cosfuse::testing
