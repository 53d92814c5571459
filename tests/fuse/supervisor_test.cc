#include "app/supervisor.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <utility>

#include "app/child_process.h"
#include "fs/fuse/mount_point.h"
#include "tests/fuse/fuse_fixture.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A command under its supervisor, with a daemon that serves a file system in memory holding the file "hello".
class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() { options_.mountpoint = mountpoint_.path(); }

  /// What the daemon does between SIGTERM and its end; its result is the daemon's.
  using AtEnd = std::function<int(SupervisorLink&, FakeFileSystem&, FuseMount&)>;

  static int UnmountAndReturn(int code, SupervisorLink& link) { return link.Unmount() ? code : 99; }

  static int ServeUntilSigterm(const std::string& path, SupervisorLink& link, const AtEnd& at_end) {
    SystemClock clock;
    FakeFileSystem files(clock);
    files.AddFile("hello", "world\n");
    FuseMountOptions options;
    options.mountpoint = path;
    auto mount = FuseMount::Start(std::move(options), files, clock);
    if (!mount) return 98;
    link.ReportReady();
    const sigset_t signals = ForwardedSignals();
    int signal_number = 0;
    while (signal_number != SIGTERM && signal_number != SIGINT) sigwait(&signals, &signal_number);
    return at_end(link, files, **mount);
  }

  Child StartWithEnd(const AtEnd& at_end) {
    return Child([&] {
      return RunSupervised(options_,
                           [&](SupervisorLink& link) { return ServeUntilSigterm(mountpoint_.path(), link, at_end); });
    });
  }

  Child StartReturning(int daemon_code) {
    return StartWithEnd([daemon_code](SupervisorLink& link, FakeFileSystem&, FuseMount&) {
      return UnmountAndReturn(daemon_code, link);
    });
  }

  void SetScript(const std::string& script) {
    options_.program = {"sh", "-c", "M=" + mountpoint_.path() + "; F=" + flag() + "; " + script};
  }

  bool IsLive() const { return IsLiveCosfuseMount(mountpoint_.path(), seconds(20)); }
  bool IsMounted() const { return GetMount(mountpoint_.path()).has_value(); }
  /// A file beside the mountpoint through which scripts speak.
  std::string flag() const { return mountpoint_.path() + ".flag"; }
  bool IsFlagSet() const { return access(flag().c_str(), F_OK) == 0; }
  /// The first child of a process: of a supervisor, the daemon.
  static pid_t FirstChildOf(pid_t parent) {
    const std::string id = std::to_string(parent);
    std::ifstream file("/proc/" + id + "/task/" + id + "/children");
    pid_t child = 0;
    file >> child;
    return child;
  }
  void TearDown() override { unlink(flag().c_str()); }

  ScratchMountpoint mountpoint_;
  SupervisorOptions options_;
};

TEST_F(SupervisorTest, SigtermEndsTheMountAndReturnsTheDaemonsCode) {
  for (const int code : {0, 3}) {
    Child command = StartReturning(code);
    ASSERT_TRUE(Eventually([&] { return IsLive(); }));
    command.Signal(SIGTERM);
    EXPECT_EQ(command.Wait(), code);
    EXPECT_FALSE(IsMounted());
  }
}

TEST_F(SupervisorTest, UnmountsAfterTheDaemonWasKilled) {
  Child command = StartReturning(0);
  ASSERT_TRUE(Eventually([&] { return IsLive(); }));
  kill(FirstChildOf(command.pid()), SIGKILL);
  EXPECT_EQ(command.Wait(), 1);
  EXPECT_FALSE(IsMounted());
}

TEST_F(SupervisorTest, DaemonEndsWhenTheSupervisorIsKilled) {
  Child command = StartWithEnd([](SupervisorLink& link, FakeFileSystem&, FuseMount& mount) {
    return link.Unmount() ? 97 : (mount.Unmount() ? 0 : 96);
  });
  ASSERT_TRUE(Eventually([&] { return IsLive(); }));
  command.Signal(SIGKILL);
  EXPECT_EQ(command.Wait(), 128 + SIGKILL);
  EXPECT_TRUE(Eventually([&] { return !IsMounted(); }));
}

TEST_F(SupervisorTest, FailureBeforeTheMountPassesThrough) {
  for (const bool background : {false, true}) {
    options_.background = background;
    Child command([&] { return RunSupervised(options_, [](SupervisorLink&) { return 7; }); });
    EXPECT_EQ(command.Wait(), 7);
  }
}

TEST_F(SupervisorTest, BackgroundReturnsOnceTheMountWorks) {
  options_.background = true;
  Child command([&] {
    return RunSupervised(options_, [&](SupervisorLink& link) {
      std::ofstream(flag()) << getppid() << std::flush;
      return ServeUntilSigterm(mountpoint_.path(), link, [](SupervisorLink& own, FakeFileSystem&, FuseMount&) {
        return UnmountAndReturn(0, own);
      });
    });
  });
  EXPECT_EQ(command.Wait(), 0);
  EXPECT_TRUE(IsLive());
  pid_t supervisor = 0;
  std::ifstream(flag()) >> supervisor;
  ASSERT_GT(supervisor, 1);
  kill(supervisor, SIGTERM);
  EXPECT_TRUE(Eventually([&] { return !IsMounted(); }));
}

TEST_F(SupervisorTest, RunsTheProgramOnAWorkingMountAndReturnsItsStatus) {
  SetScript("test \"$(cat $M/hello)\" = world && exit 9");
  Child command = StartReturning(0);
  EXPECT_EQ(command.Wait(), 9);
  EXPECT_FALSE(IsMounted());
}

TEST_F(SupervisorTest, RunReturnsTheDaemonsCodeWhenTheProgramSucceeded) {
  SetScript("exit 0");
  EXPECT_EQ(StartReturning(3).Wait(), 3);
  EXPECT_FALSE(IsMounted());
}

TEST_F(SupervisorTest, RunReportsAProgramThatCannotBeStarted) {
  options_.program = {"/nonexistent/program"};
  EXPECT_EQ(StartReturning(0).Wait(), 127);
  EXPECT_FALSE(IsMounted());
}

TEST_F(SupervisorTest, PassesSignalsToTheProgramAlone) {
  SetScript("trap 'cat $M/hello > /dev/null && exit 42' USR1; : > $F; while :; do sleep 0.02; done");
  Child command = StartReturning(0);
  ASSERT_TRUE(Eventually([&] { return IsFlagSet(); }));
  command.Signal(SIGUSR1);
  EXPECT_EQ(command.Wait(), 42);
}

TEST_F(SupervisorTest, DrainCountsFromTheFirstSigterm) {
  SetScript("trap 'sleep 0.3; exit 0' TERM; : > $F; while :; do sleep 0.02; done");
  Child command = StartWithEnd([](SupervisorLink& link, FakeFileSystem&, FuseMount&) {
    const auto asked = link.TerminationTime();
    if (!asked || SystemClock().Now() - *asked < milliseconds(300)) return 11;
    return UnmountAndReturn(0, link);
  });
  ASSERT_TRUE(Eventually([&] { return IsFlagSet(); }));
  command.Signal(SIGTERM);
  EXPECT_EQ(command.Wait(), 0);
}

TEST_F(SupervisorTest, HasNoTerminationTimeWhenTheProgramEndsByItself) {
  SetScript("exit 0");
  Child command = StartWithEnd([](SupervisorLink& link, FakeFileSystem&, FuseMount&) {
    return link.TerminationTime() ? 11 : UnmountAndReturn(0, link);
  });
  EXPECT_EQ(command.Wait(), 0);
}

TEST_F(SupervisorTest, WhatTheProgramLeavesRunningHasAGracePeriod) {
  options_.orphan_grace = seconds(20);
  SetScript("(sleep 0.3; echo late > $M/orphan) & exit 0");
  Child command = StartWithEnd([](SupervisorLink& link, FakeFileSystem& files, FuseMount&) {
    return files.Content("orphan") == "late\n" ? UnmountAndReturn(0, link) : 12;
  });
  EXPECT_EQ(command.Wait(), 0);
}

TEST_F(SupervisorTest, GracePeriodEnds) {
  options_.orphan_grace = milliseconds(100);
  SetScript("(trap '' TERM; sleep 60) & echo $! > $F; exit 5");
  Child command = StartReturning(0);
  EXPECT_EQ(command.Wait(), 5);
  pid_t orphan = 0;
  std::ifstream(flag()) >> orphan;
  ASSERT_GT(orphan, 1);
  EXPECT_EQ(kill(orphan, SIGKILL), 0) << "the command waited for it";
  EXPECT_FALSE(IsMounted());
}

TEST_F(SupervisorTest, DeadMountStaysUnderTheProgramUntilThatHasEnded) {
  SetScript(
      "trap 'cat $M/hello 2> /dev/null && exit 1; until [ -e $F ]; do sleep 0.02; done; exit 6' TERM; : > $F.up; "
      "while :; do sleep 0.02; done");
  Child command = StartReturning(0);
  const std::string up = flag() + ".up";
  ASSERT_TRUE(Eventually([&] { return access(up.c_str(), F_OK) == 0; }));
  unlink(up.c_str());
  kill(FirstChildOf(command.pid()), SIGKILL);
  EXPECT_TRUE(Eventually([&] { return ProbeMount(mountpoint_.path(), seconds(20)) == Liveness::kDead; }));
  std::ofstream(flag()) << "seen";
  EXPECT_EQ(command.Wait(), 6);
  EXPECT_FALSE(IsMounted());
}

}  // namespace
}  // namespace cosfuse
