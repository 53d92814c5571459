#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// Times, owner and mode of a file as a second mount of the same bucket sees them.
struct stat SeenByAnotherMount(const EmulatorProcess& emulator, const std::string& name) {
  const MountProcess other(emulator);
  return MustStat(other.Path(name));
}

TEST_F(MountTest, ModeOwnerAndTimesLiveInTheBucket) {
  WriteWholeFile(Path("f"), "content");
  ASSERT_EQ(chmod(Path("f").c_str(), 0640), 0);
  ASSERT_EQ(chown(Path("f").c_str(), 1234, 5678), 0);
  const timespec times[2] = {{.tv_sec = 1'600'000'000, .tv_nsec = 0}, {.tv_sec = 1'500'000'000, .tv_nsec = 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, Path("f").c_str(), times, 0), 0);
  const struct stat seen = SeenByAnotherMount(emulator_, "f");
  EXPECT_EQ(seen.st_mode, static_cast<mode_t>(S_IFREG | 0640));
  EXPECT_EQ(seen.st_uid, 1234U);
  EXPECT_EQ(seen.st_gid, 5678U);
  EXPECT_EQ(seen.st_mtim.tv_sec, 1'500'000'000);
  EXPECT_EQ(emulator_.FetchObject("f").headers.Get("x-amz-meta-mtime"), "1500000000");
}

TEST_F(MountTest, AttributesChangedBeforeCloseRideAlongWithTheUpload) {
  emulator_.ResetCounters();
  FileDescriptor fd = MustOpen(Path("f"), O_CREAT | O_WRONLY);
  MustWrite(fd, "content");
  ASSERT_EQ(fchmod(fd.get(), 0600), 0);
  const timespec times[2] = {{.tv_sec = 1'600'000'000, .tv_nsec = 0}, {.tv_sec = 1'500'000'000, .tv_nsec = 0}};
  ASSERT_EQ(futimens(fd.get(), times), 0);
  EXPECT_EQ(CloseStatus(fd), 0);
  const auto counts = emulator_.RequestCounts();
  EXPECT_EQ(counts.at("PutObject"), 1U);
  EXPECT_FALSE(counts.contains("CopyObject"));
  const struct stat seen = SeenByAnotherMount(emulator_, "f");
  EXPECT_EQ(seen.st_mode, static_cast<mode_t>(S_IFREG | 0600));
  EXPECT_EQ(seen.st_mtim.tv_sec, 1'500'000'000);
}

TEST_F(MountTest, ForeignMetadataAndContentTypeSurviveARewrite) {
  emulator_.PutObject("f", "old", {{"x-amz-meta-owner-team", "billing"}, {"Content-Type", "application/x-special"}});
  WriteWholeFile(Path("f"), "new");
  ASSERT_EQ(chmod(Path("f").c_str(), 0600), 0);
  const RawAnswer object = emulator_.FetchObject("f");
  EXPECT_EQ(object.body, "new");
  EXPECT_EQ(object.headers.Get("x-amz-meta-owner-team"), "billing");
  EXPECT_EQ(object.headers.Get("content-type"), "application/x-special");
}

TEST_F(TrustingMountTest, ChownToThePresentOwnerCostsNoRequest) {
  WriteWholeFile(Path("f"), "x");
  const struct stat before = MustStat(Path("f"));
  emulator_.ResetCounters();
  ASSERT_EQ(chown(Path("f").c_str(), before.st_uid, before.st_gid), 0);
  EXPECT_EQ(emulator_.RequestCounts().size(), 1U);
}

TEST_F(MountTest, SymbolicLinkIsFollowedAndReadHere) {
  WriteWholeFile(Path("target"), "through the link");
  ASSERT_EQ(symlink("target", Path("link").c_str()), 0);
  EXPECT_EQ(ReadWholeFile(Path("link")), "through the link");
  const MountProcess other(emulator_);
  char seen[32] = {};
  EXPECT_EQ(readlink(other.Path("link").c_str(), seen, sizeof(seen) - 1), 6);
  EXPECT_STREQ(seen, "target");
  EXPECT_TRUE(S_ISLNK(MustStat(other.Path("link")).st_mode));
}

TEST_F(MountTest, DirectoryModeLivesInItsMarker) {
  ASSERT_EQ(mkdir(Path("d").c_str(), 0700), 0);
  EXPECT_EQ(SeenByAnotherMount(emulator_, "d").st_mode, static_cast<mode_t>(S_IFDIR | 0700));
  ASSERT_EQ(chmod(Path("d").c_str(), 0750), 0);
  EXPECT_EQ(SeenByAnotherMount(emulator_, "d").st_mode, static_cast<mode_t>(S_IFDIR | 0750));
}

TEST_F(MountTest, FifoIsAFifo) {
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0600), 0);
  EXPECT_TRUE(S_ISFIFO(SeenByAnotherMount(emulator_, "fifo").st_mode));
}

TEST_F(MountTest, ChangeOfOwnerClearsSetuidOfAFifoToo) {
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0600), 0);
  ASSERT_EQ(chmod(Path("fifo").c_str(), 04755), 0);
  ASSERT_EQ(chown(Path("fifo").c_str(), 0, 0), 0);
  EXPECT_EQ(MustStat(Path("fifo")).st_mode & 07777U, 0755U);
}

TEST_F(MountTest, HardLinkIsNotPermitted) {
  WriteWholeFile(Path("f"), "x");
  EXPECT_EQ(ErrnoOf(link(Path("f").c_str(), Path("g").c_str())), EPERM);
}

/// write(2) of one byte by a process without privileges, through a descriptor that it was given: whether that user can
/// reach the path, or a shell, on this machine is no part of the matter. Its exit status is 0 when the byte was taken.
int WriteAsNobody(const FileDescriptor& fd) {
  constexpr long kNobody = 65534;
  const pid_t child = fork();
  if (child == 0) {
    // The system calls themselves: glibc's wrappers act on all threads, of which a fork of many leaves one.
    if (syscall(SYS_setresgid, kNobody, kNobody, kNobody) != 0) _exit(2);
    if (syscall(SYS_setresuid, kNobody, kNobody, kNobody) != 0) _exit(3);
    _exit(write(fd.get(), "y", 1) == 1 ? 0 : 4);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(MountTest, WriteBySomeoneElseClearsSetuid) {
  WriteWholeFile(Path("f"), "x");
  ASSERT_EQ(chmod(Path("f").c_str(), 04777), 0);
  FileDescriptor fd = MustOpen(Path("f"), O_WRONLY | O_APPEND);
  ASSERT_EQ(WriteAsNobody(fd), 0);
  EXPECT_EQ(MustStat(Path("f")).st_mode & 07777U, 0777U);
  EXPECT_EQ(CloseStatus(fd), 0);
  EXPECT_EQ(emulator_.FetchObject("f").body, "xy");
}

}  // namespace
}  // namespace cosfuse::testing
