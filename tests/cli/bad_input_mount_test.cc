#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "tests/cli/cli_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(BadInputTest, MountpointMissing) {
  const std::string nowhere = directory_.path() + "/nowhere";
  ExpectRefusal(Cosfuse({"mount", nowhere}), 1, {nowhere, "does not exist", "mkdir -p"});
}

TEST_F(BadInputTest, MountpointIsAFile) {
  const std::string file = directory_.path() + "/file";
  WriteWholeFile(file, "");
  ExpectRefusal(Cosfuse({"mount", file}), 1, {file, "is not a directory"});
  ExpectRefusal(Cosfuse({"mount", file + "/below"}), 1, {file, "is not a directory"});
}

TEST_F(BadInputTest, MountpointNotEmpty) {
  WriteWholeFile(mountpoint_ + "/file", "x");
  ExpectRefusal(Mount(), 1, {mountpoint_, "is not empty (it holds 'file')", "Give an empty directory"});
}

TEST_F(BadInputTest, MountpointTaken) {
  const MountProcess other(emulator_);
  const CommandResult result = Cosfuse({"mount", other.mountpoint()});
  ExpectRefusal(result, 1, {other.mountpoint(), "already", "cosfuse unmount"});
  EXPECT_TRUE(other.mounted());
}

TEST_F(BadInputTest, MountpointWithoutPermission) {
  const std::string closed = directory_.MakeDirectory("closed");
  const std::string inside = directory_.MakeDirectory("closed/mnt");
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(chown(closed.c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(chmod(closed.c_str(), 0700), 0);
  const CommandResult result = RunCommand({"setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps",
                                           "-all", COSFUSE_BINARY, "mount", inside},
                                          Pod());
  ExpectRefusal(result, 1, {inside, "permission denied", "Run as a user who may enter it"});
}

TEST_F(BadInputTest, Pitfall50_MountpointWithADeadMountIsDetachedAndUsedAgain) {
  const std::string log = directory_.path() + "/log";
  const std::string pid_file = directory_.path() + "/pid";
  Subprocess mount({COSFUSE_BINARY, "mount", mountpoint_, "--pid-file", pid_file}, Pod(), log, log);
  ASSERT_TRUE(Eventually([&] { return ReadWholeFile(pid_file).ends_with('\n'); }, std::chrono::seconds(30)));
  // Supervisor and daemon die at once, so that nobody is left to unmount.
  mount.Signal(SIGSTOP);
  ASSERT_EQ(kill(std::stoi(ReadWholeFile(pid_file)), SIGKILL), 0);
  mount.Signal(SIGKILL);
  mount.Wait(std::chrono::seconds(10));
  struct stat attributes;
  ASSERT_TRUE(Eventually([&] { return stat(mountpoint_.c_str(), &attributes) != 0 && errno == ENOTCONN; }));
  const CommandResult again = Cosfuse({"run", "--mount", mountpoint_, "--", "ls", mountpoint_});
  EXPECT_EQ(again.status.code, 0) << again.errors;
  EXPECT_FALSE(IsMountPoint(mountpoint_));
}

TEST_F(BadInputTest, Pitfall22_CacheDirectoryTaken) {
  const std::string cache = directory_.path() + "/shared";
  const MountProcess other(emulator_, {"--cache-dir", cache});
  ExpectRefusal(Mount({"--cache-dir", cache}), 1, {cache, "in use", "--cache-dir"});
}

TEST_F(BadInputTest, NoFuseDevice) {
  const CommandResult result =
      RunCommand({"unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev && exec \"$0\" mount \"$1\"",
                  COSFUSE_BINARY, mountpoint_},
                 Pod());
  ExpectRefusal(result, 1, {"/dev/fuse does not exist", "privileged: true"});
}

TEST_F(BadInputTest, FuseDeviceForbiddenByTheCgroup) {
  const CommandResult result = RunCommand({COSFUSE_FORBID_DEVICES_BINARY, COSFUSE_BINARY, "mount", mountpoint_}, Pod());
  ExpectRefusal(result, 1, {"/dev/fuse is forbidden by the container's devices cgroup", "privileged: true"});
}

TEST_F(BadInputTest, NoPermissionToMount) {
  const CommandResult result = RunCommand(
      {"setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", COSFUSE_BINARY, "mount", mountpoint_},
      Pod());
  ExpectRefusal(result, 1, {mountpoint_, "CAP_SYS_ADMIN is missing", "privileged"});
}

TEST_F(BadInputTest, AStartThatWaitsForTheNetworkEndsBySigterm) {
  emulator_.Post("blackhole?on=1&what=iam");
  const std::string log = directory_.path() + "/log";
  Subprocess mount({COSFUSE_BINARY, "mount", mountpoint_}, Pod(), log, log);
  // The daemon is at the exchange once it has taken its cache directory.
  ASSERT_TRUE(Eventually([&] { return !ReadWholeFile(directory_.path() + "/cache/lock").empty(); }));
  mount.Signal(SIGTERM);
  const ExitStatus status = mount.Wait(std::chrono::seconds(15));
  EXPECT_FALSE(status.timed_out) << ReadWholeFile(log);
  EXPECT_EQ(status.code, 1);
  EXPECT_FALSE(IsMountPoint(mountpoint_));
  emulator_.Post("blackhole?on=0&what=iam");
}

}  // namespace
}  // namespace cosfuse::testing
