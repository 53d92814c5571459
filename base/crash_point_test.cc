#include "base/crash_point.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#ifdef COSFUSE_CRASH_POINTS

namespace cosfuse {
namespace {

std::string LogFile() { return ::testing::TempDir() + "crash_point_test." + std::to_string(getpid()); }

/// In a process of its own, whose first point this is.
void PassThree(const std::string& at, const std::string& log) {
  setenv("COSFUSE_CRASH_AT", at.c_str(), 1);
  setenv("COSFUSE_CRASH_LOG", log.c_str(), 1);
  CrashPoint("sync", "before");
  CrashPoint("sync", "after");
  CrashPoint("sync", "before");
  std::exit(0);
}

TEST(CrashPoint, KillsAtThatPassageAndSaysWhatWasPassedUntilThen) {
  const std::string log = LogFile();
  EXPECT_EXIT(PassThree("sync.before:2", log), ::testing::KilledBySignal(SIGKILL), "");
  std::ifstream file(log);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "sync.before\nsync.after\nsync.before\n");
  std::filesystem::remove(log);
}

TEST(CrashPoint, LetsPassWhatIsNotMeant) {
  EXPECT_EXIT(PassThree("sync.before:3", ""), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(PassThree("sync:1", ""), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(PassThree("", ""), ::testing::ExitedWithCode(0), "");
}

TEST(CrashPoint, RefusesAPlanThatNamesNoPassage) {
  EXPECT_EXIT(PassThree("sync.before", ""), ::testing::KilledBySignal(SIGABRT), "");
  EXPECT_EXIT(PassThree("sync.before:0", ""), ::testing::KilledBySignal(SIGABRT), "");
  EXPECT_EXIT(PassThree("sync.before:x", ""), ::testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace cosfuse

#endif  // COSFUSE_CRASH_POINTS
