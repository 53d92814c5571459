#include <signal.h>
#include <sys/mount.h>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(MountTest, SigtermUnmountsAndExitsWithZero) {
  WriteWholeFile(Path("f"), "x");
  const ExitStatus status = mount_.Terminate();
  EXPECT_EQ(status.code, 0) << mount_.Log();
  EXPECT_FALSE(mount_.mounted());
}

TEST_F(MountTest, Pitfall38_SigtermLetsAnUploadInProgressFinish) {
  emulator_.Post("latency?ms=1500");
  const std::string content = PatternBytes(kMiB, 5);
  WriteWholeFile(mount_.mountpoint() + ".local", content);
  Subprocess copy({"cp", mount_.mountpoint() + ".local", Path("f")}, {}, "/dev/null", "/dev/null");
  ASSERT_TRUE(Eventually([&] { return emulator_.RequestCount("PutObject") == 1; }));
  EXPECT_EQ(mount_.Terminate().code, 0) << mount_.Log();
  EXPECT_EQ(copy.Wait(std::chrono::seconds(20)).code, 0);
  emulator_.Post("latency?ms=0");
  EXPECT_TRUE(emulator_.FetchObject("f").body == content);
  EXPECT_FALSE(mount_.mounted());
}

TEST_F(MountTest, DaemonThatIsKilledLeavesNoMountBehind) {
  WriteWholeFile(Path("f"), "x");
  // The mount's first process is the supervisor; the daemon is its child.
  const std::string parent = std::to_string(mount_.process().pid());
  const CommandResult children = RunCommand({"pgrep", "-P", parent});
  ASSERT_EQ(children.status.code, 0);
  kill(std::stoi(children.output), SIGKILL);
  EXPECT_NE(mount_.process().Wait(std::chrono::seconds(20)).code, 0);
  EXPECT_FALSE(mount_.mounted());
}

TEST_F(MountTest, Pitfall50_DeadMountIsDetachedAndMountedAgain) {
  const std::string log = mount_.mountpoint() + ".log";
  // Both processes die at once: nobody is left to unmount.
  const std::string parent = std::to_string(mount_.process().pid());
  const std::string daemon = RunCommand({"pgrep", "-P", parent}).output;
  mount_.process().Signal(SIGSTOP);
  kill(std::stoi(daemon), SIGKILL);
  mount_.process().Signal(SIGKILL);
  mount_.process().Wait(std::chrono::seconds(20));
  ASSERT_TRUE(mount_.mounted());
  Subprocess again({COSFUSE_BINARY, "mount", mount_.mountpoint()}, emulator_.PodEnvironment(), log, log);
  EXPECT_TRUE(Eventually([&] { return ReadWholeFile(log).find("mounted ") != std::string::npos; }))
      << ReadWholeFile(log);
  WriteWholeFile(Path("f"), "works again");
  EXPECT_EQ(emulator_.FetchObject("f").body, "works again");
  again.Signal(SIGTERM);
  EXPECT_EQ(again.Wait(std::chrono::seconds(20)).code, 0);
  EXPECT_FALSE(mount_.mounted());
}

TEST_F(MountTest, UnmountOfAnIdleMountEndsTheProcess) {
  EXPECT_EQ(RunCommand({COSFUSE_BINARY, "unmount", mount_.mountpoint()}).status.code, 0);
  EXPECT_EQ(mount_.process().Wait(std::chrono::seconds(20)).code, 0) << mount_.Log();
  EXPECT_FALSE(mount_.mounted());
}

}  // namespace
}  // namespace cosfuse::testing
