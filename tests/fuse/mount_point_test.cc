#include "fs/fuse/mount_point.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "tests/fuse/fuse_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::seconds;

Result<std::unique_ptr<FuseMount>> StartAt(const std::string& path, FileSystem& files, Clock& clock) {
  FuseMountOptions options;
  options.mountpoint = path;
  return FuseMount::Start(std::move(options), files, clock);
}

/// One line that names the path.
void ExpectOneLine(const Error& error, const std::string& path) {
  EXPECT_NE(error.message().find(path), std::string::npos) << error.message();
  EXPECT_EQ(error.message().find('\n'), std::string::npos) << error.message();
  EXPECT_EQ(error.message().back(), '.') << error.message();
}

TEST(MountPoint, MissingPlainFileAndFullDirectoryAreRefused) {
  const ScratchMountpoint scratch;
  SystemClock clock;
  FakeFileSystem files(clock);
  const std::string missing = scratch.path() + "/missing";
  const auto none = StartAt(missing, files, clock);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
  ExpectOneLine(none.error(), missing);

  const std::string plain = scratch.path() + "/plain";
  std::ofstream(plain) << "x";
  const auto file = StartAt(plain, files, clock);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::kNotDirectory);
  ExpectOneLine(file.error(), plain);

  const auto full = StartAt(scratch.path(), files, clock);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::kNotEmpty);
  ExpectOneLine(full.error(), scratch.path());
  unlink(plain.c_str());
}

TEST(MountPoint, IsRefusedWithoutTheRightToMount) {
  const ScratchMountpoint scratch;
  chmod(scratch.path().c_str(), 0755);
  Child nobody([&] {
    FileDescriptor device(open("/dev/fuse", O_RDWR));
    if (!device.valid() || setgid(65534) != 0 || setuid(65534) != 0) return 1;
    const auto mounted = MountFuseDevice({.path = scratch.path(), .source = "bucket"}, device);
    return !mounted && mounted.error().code() == ErrorCode::kNotPermitted ? 0 : 2;
  });
  EXPECT_EQ(nobody.Wait(), 0);
  Child without_device([&] {
    if (setgid(65534) != 0 || setuid(65534) != 0) return 1;
    const auto device = OpenFuseDevice();
    return device || device.error().code() == ErrorCode::kAccessDenied ? 0 : 2;
  });
  EXPECT_EQ(without_device.Wait(), 0);
}

TEST_F(FuseTest, SecondMountAtOnePlaceIsRefused) {
  const auto second = StartAt(mountpoint_.path(), files_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kBusy);
  ExpectOneLine(second.error(), mountpoint_.path());
}

TEST_F(FuseTest, LivesAsLongAsItIsMounted) {
  EXPECT_TRUE(IsLiveCosfuseMount(mountpoint_.path(), seconds(20)));
  EXPECT_TRUE(mount_->Unmount());
  EXPECT_EQ(ProbeMount(mountpoint_.path(), seconds(20)), Liveness::kNotMounted);
  EXPECT_TRUE(mount_->WaitUntilUnmounted(seconds(20)));
  EXPECT_TRUE(mount_->Unmount()) << "again does nothing";
}

TEST_F(FuseTest, BusyMountLeavesTheTreeAndServesItsOpenFiles) {
  Child user([&] {
    const int fd = open(Path("file").c_str(), O_CREAT | O_RDWR, 0644);
    if (fd < 0) return 1;
    if (!Eventually([&] { return !GetMount(mountpoint_.path()); })) return 2;
    return write(fd, "x", 1) == 1 ? 0 : 3;
  });
  ASSERT_TRUE(Eventually([&] { return files_.open_handles() == 1; }));
  const auto idle = Unmount(mountpoint_.path(), UnmountMode::kIfIdle);
  ASSERT_FALSE(idle);
  EXPECT_EQ(idle.error().code(), ErrorCode::kBusy);
  EXPECT_TRUE(mount_->Unmount());
  EXPECT_EQ(user.Wait(), 0);
  EXPECT_TRUE(mount_->WaitUntilUnmounted(seconds(20)));
}

TEST_F(FuseTest, StopEndsWhatUsesTheMount) {
  files_.AddFile("direct-slow", "x");
  Child reader([&] {
    const int fd = open(Path("direct-slow").c_str(), O_RDONLY);
    char byte = 0;
    return read(fd, &byte, 1) < 0 ? errno : 0;
  });
  ASSERT_TRUE(Eventually([&] { return files_.waiting() == 1; }));
  mount_->Stop();
  EXPECT_EQ(reader.Wait(), EINTR);
  EXPECT_EQ(ProbeMount(mountpoint_.path(), seconds(20)), Liveness::kDead);
  EXPECT_TRUE(DetachDeadMounts(mountpoint_.path()));
}

TEST(MountPoint, SaysWhenItWasUnmountedFromOutside) {
  const ScratchMountpoint scratch;
  SystemClock clock;
  FakeFileSystem files(clock);
  std::atomic<int> calls = 0;
  FuseMountOptions options;
  options.mountpoint = scratch.path();
  options.on_unmounted = [&] { ++calls; };
  const auto mount = FuseMount::Start(std::move(options), files, clock);
  ASSERT_TRUE(mount);
  EXPECT_FALSE((*mount)->WaitUntilUnmounted(Duration(0)));
  ASSERT_TRUE(Unmount(scratch.path(), UnmountMode::kIfIdle));
  EXPECT_TRUE((*mount)->WaitUntilUnmounted(seconds(20)));
  (*mount)->Stop();
  EXPECT_EQ(calls, 1);
}

TEST(MountPoint, TakesADescriptorThatSomebodyElseHasMounted) {
  const ScratchMountpoint scratch;
  SystemClock clock;
  FakeFileSystem files(clock);
  FuseMountOptions options;
  options.mountpoint = scratch.path();
  auto device = OpenFuseDevice();
  ASSERT_TRUE(device);
  options.device = std::move(*device);
  ASSERT_TRUE(MountFuseDevice({.path = scratch.path(), .source = "bucket"}, options.device));
  const auto mount = FuseMount::Start(std::move(options), files, clock);
  ASSERT_TRUE(mount) << mount.error().ToString();
  EXPECT_TRUE(IsLiveCosfuseMount(scratch.path(), seconds(20)));
  EXPECT_TRUE((*mount)->Unmount());
}

TEST(MountPoint, Pitfall50_DeadMountIsDetachedAndUsedAgain) {
  const ScratchMountpoint scratch;
  SystemClock clock;
  FakeFileSystem files(clock);
  for (int layer = 0; layer < 2; ++layer) {
    Child daemon([&] {
      auto device = OpenFuseDevice();
      if (!device || !MountFuseDevice({.path = scratch.path(), .source = "bucket"}, *device)) return 1;
      raise(SIGKILL);
      return 0;
    });
    ASSERT_EQ(daemon.Wait(), 128 + SIGKILL);
  }
  EXPECT_EQ(ProbeMount(scratch.path(), seconds(20)), Liveness::kDead);
  EXPECT_EQ(ResolveMountPoint(scratch.path() + "/"), scratch.path());
  const auto mount = StartAt(scratch.path(), files, clock);
  ASSERT_TRUE(mount) << mount.error().ToString();
  EXPECT_TRUE(IsLiveCosfuseMount(scratch.path(), seconds(20)));
  EXPECT_TRUE((*mount)->Unmount());
  EXPECT_FALSE(GetMount(scratch.path())) << "nothing is left underneath";
}

TEST(MountPoint, ProbeOfAMountThatDoesNotAnswerReturns) {
  const ScratchMountpoint scratch;
  auto device = OpenFuseDevice();
  ASSERT_TRUE(device);
  ASSERT_TRUE(MountFuseDevice({.path = scratch.path(), .source = "bucket"}, *device));
  EXPECT_EQ(ProbeMount(scratch.path(), std::chrono::milliseconds(200)), Liveness::kNoAnswer);
  device->Close();
  EXPECT_EQ(ProbeMount(scratch.path(), seconds(20)), Liveness::kDead);
}

TEST(MountPoint, IsResolvedThroughLinksAndRelativeParts) {
  const ScratchMountpoint scratch;
  const std::string link = scratch.path() + "-link";
  std::filesystem::create_directory_symlink(scratch.path(), link);
  EXPECT_EQ(ResolveMountPoint(link), scratch.path());
  EXPECT_EQ(ResolveMountPoint(scratch.path() + "/../" + std::filesystem::path(scratch.path()).filename().string()),
            scratch.path());
  std::filesystem::remove(link);
}

}  // namespace
}  // namespace cosfuse
