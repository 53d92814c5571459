#include "app/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cosfuse {
namespace {

constexpr int Exited(int code) { return code << 8; }
constexpr int Killed(int signal_number) { return signal_number; }

TEST(ChildProcess, ExitCodeIsTheStatusOrTheSignal) {
  EXPECT_EQ(ExitCodeOf(Exited(0)), 0);
  EXPECT_EQ(ExitCodeOf(Exited(7)), 7);
  EXPECT_EQ(ExitCodeOf(Killed(SIGKILL)), 137);
}

TEST(ChildProcess, ProgramsFailureWinsOverTheDaemons) {
  const struct {
    std::optional<int> program;
    int daemon;
    int expected;
  } rows[] = {
      {std::nullopt, Exited(0), 0},      {std::nullopt, Exited(2), 2},    {std::nullopt, Killed(SIGKILL), 1},
      {Exited(0), Exited(0), 0},         {Exited(0), Exited(3), 3},       {Exited(5), Exited(3), 5},
      {Killed(SIGTERM), Exited(0), 143}, {Exited(0), Killed(SIGSEGV), 1},
  };
  for (const auto& row : rows) EXPECT_EQ(CombineExitCodes(row.program, row.daemon), row.expected);
}

int RunToItsEnd(const std::vector<std::string>& arguments) {
  sigset_t none;
  sigemptyset(&none);
  const pid_t child = StartProgram(arguments, none);
  EXPECT_GT(child, 0);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return ExitCodeOf(status);
}

TEST(ChildProcess, RunsAProgramWithItsArguments) { EXPECT_EQ(RunToItsEnd({"sh", "-c", "exit $1", "sh", "9"}), 9); }

TEST(ChildProcess, ReportsWhatCannotBeStarted) {
  EXPECT_EQ(RunToItsEnd({"/nonexistent/program"}), 127);
  EXPECT_EQ(RunToItsEnd({"/"}), 126);
}

TEST(ChildProcess, KnowsItsOtherChildren) {
  int gate[2];
  ASSERT_EQ(pipe2(gate, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    close(gate[1]);
    _exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
  }
  EXPECT_TRUE(HasOtherChildren({}));
  EXPECT_FALSE(HasOtherChildren({child}));
  close(gate[0]);
  close(gate[1]);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(HasOtherChildren({}));
}

}  // namespace
}  // namespace cosfuse
