#include "fs/fuse/caller.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cosfuse {
namespace {

using std::chrono::seconds;

TEST(Caller, IsGivenUpAtOnceWhenItDiesAndLateWhenUnseen) {
  EXPECT_TRUE(ShouldGiveUp(CallerState::kFatalSignal, seconds(0)));
  EXPECT_FALSE(ShouldGiveUp(CallerState::kAlive, seconds(1000)));
  EXPECT_FALSE(ShouldGiveUp(CallerState::kUnknown, seconds(9)));
  EXPECT_TRUE(ShouldGiveUp(CallerState::kUnknown, seconds(10)));
}

TEST(Caller, ThisThreadIsAlive) {
  EXPECT_EQ(InspectCaller(gettid()), CallerState::kAlive);
  EXPECT_FALSE(IsBeingKilled(gettid()));
}

TEST(Caller, OfAnotherNamespaceIsUnknown) {
  EXPECT_EQ(InspectCaller(0), CallerState::kUnknown);
  EXPECT_FALSE(IsBeingKilled(0));
}

/// A zombie keeps the flags and the exit code that it had while it closed its files.
TEST(Caller, KilledProcessIsToldFromOneThatExits) {
  for (const bool killed : {false, true}) {
    const pid_t child = fork();
    if (child == 0) {
      if (killed) raise(SIGKILL);
      _exit(3);
    }
    ASSERT_GT(child, 0);
    siginfo_t info;
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(IsBeingKilled(child), killed);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
  }
}

}  // namespace
}  // namespace cosfuse
