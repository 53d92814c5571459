#include "fs/fuse/proc_status.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <string>

namespace cosfuse {
namespace {

constexpr uint64_t Bit(int signal_number) { return uint64_t{1} << (signal_number - 1); }

struct Masks {
  uint64_t own = 0;
  uint64_t shared = 0;
  uint64_t blocked = 0;
  uint64_t ignored = 0;
  uint64_t caught = 0;
};

std::string Status(const Masks& masks) {
  char text[512];
  std::snprintf(text, sizeof(text),
                "Name:\tSigPnd: ffff\nState:\tD (disk sleep)\nSigQ:\t1/127\nSigPnd:\t%016lx\nShdPnd:\t%016lx\n"
                "SigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\nCapInh:\t0000000000000000\n",
                masks.own, masks.shared, masks.blocked, masks.ignored, masks.caught);
  return text;
}

TEST(CallerState, KnowsWhichPendingSignalsAreFatal) {
  const struct {
    const char* what;
    Masks masks;
    CallerState expected;
  } rows[] = {
      {"nothing pending", {}, CallerState::kAlive},
      {"SIGKILL for the thread", {.own = Bit(SIGKILL)}, CallerState::kFatalSignal},
      {"SIGKILL for the process", {.shared = Bit(SIGKILL)}, CallerState::kFatalSignal},
      {"SIGTERM by default", {.shared = Bit(SIGTERM)}, CallerState::kFatalSignal},
      {"SIGTERM caught", {.shared = Bit(SIGTERM), .caught = Bit(SIGTERM)}, CallerState::kAlive},
      {"SIGTERM blocked", {.own = Bit(SIGTERM), .blocked = Bit(SIGTERM)}, CallerState::kAlive},
      {"SIGINT ignored", {.shared = Bit(SIGINT), .ignored = Bit(SIGINT)}, CallerState::kAlive},
      {"SIGQUIT dumps core", {.shared = Bit(SIGQUIT)}, CallerState::kFatalSignal},
      {"SIGCHLD, SIGWINCH by default", {.shared = Bit(SIGCHLD) | Bit(SIGWINCH)}, CallerState::kAlive},
      {"SIGSTOP", {.own = Bit(SIGSTOP)}, CallerState::kAlive},
      {"SIGALRM caught beside SIGKILL",
       {.own = Bit(SIGALRM) | Bit(SIGKILL), .caught = Bit(SIGALRM)},
       CallerState::kFatalSignal},
      {"a real-time signal", {.shared = Bit(40)}, CallerState::kFatalSignal},
  };
  for (const auto& row : rows) EXPECT_EQ(ParseCallerState(Status(row.masks)), row.expected) << row.what;
}

TEST(CallerState, IsUnknownWithoutTheMasks) {
  EXPECT_EQ(ParseCallerState(""), CallerState::kUnknown);
  EXPECT_EQ(ParseCallerState("SigPnd:\t0000000000000100\n"), CallerState::kUnknown);
  EXPECT_EQ(ParseCallerState("SigPnd:\tzz\nShdPnd:\t0\nSigBlk:\t0\nSigIgn:\t0\nSigCgt:\t0\n"), CallerState::kUnknown);
}

TEST(HasMemory, IsSaidByALineOfItsOwn) {
  EXPECT_TRUE(HasMemory("Name:\tsh\nVmPeak:\t       4 kB\nVmSize:\t       4 kB\nThreads:\t1\n"));
  EXPECT_FALSE(HasMemory("Name:\tVmSize: 4\nKthread:\t0\nThreads:\t1\n"));
  EXPECT_FALSE(HasMemory(""));
}

std::string Stat(uint64_t flags, int exit_code, const char* name = "sh") {
  std::string text = "123 (" + std::string(name) + ") D 1 123 123 0 -1 " + std::to_string(flags);
  for (int field = 10; field <= 51; ++field) text += " 0";
  return text + " " + std::to_string(exit_code) + "\n";
}

TEST(ExitKind, TellsKilledFromNormalAndRunning) {
  EXPECT_EQ(ParseExitKind(Stat(0x400000, 0)), ExitKind::kRunning);
  EXPECT_EQ(ParseExitKind(Stat(0x400004, 0)), ExitKind::kNormal);
  EXPECT_EQ(ParseExitKind(Stat(0x400004, 0x300)), ExitKind::kNormal) << "exit(3)";
  EXPECT_EQ(ParseExitKind(Stat(0x400404, SIGKILL)), ExitKind::kKilled);
  EXPECT_EQ(ParseExitKind(Stat(0x400404, SIGSEGV | 0x80)), ExitKind::kKilled) << "with a core dump";
  EXPECT_EQ(ParseExitKind(Stat(0x400404, 0)), ExitKind::kMaybeKilled);
}

TEST(ExitKind, IsNotMisledByTheCommandsName) {
  EXPECT_EQ(ParseExitKind(Stat(0x400404, SIGKILL, "a) R 4 (b c")), ExitKind::kKilled);
}

TEST(ExitKind, IsRunningWhenTheTextMakesNoSense) {
  EXPECT_EQ(ParseExitKind(""), ExitKind::kRunning);
  EXPECT_EQ(ParseExitKind("1 (x)"), ExitKind::kRunning);
  EXPECT_EQ(ParseExitKind("1 (x) R 0"), ExitKind::kRunning);
}

}  // namespace
}  // namespace cosfuse
