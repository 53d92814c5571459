#include <unistd.h>

#include "tests/cli/cli_fixture.h"

namespace cosfuse::testing {
namespace {

class RunTest : public CliTest {
 protected:
  CommandResult Run(const std::string& script, std::vector<std::string> options = {}) const {
    std::vector<std::string> arguments = {"run", "--mount", mountpoint_};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--", "sh", "-c", "cd \"$0\" && " + script, mountpoint_});
    return Cosfuse(arguments);
  }
};

TEST_F(RunTest, TheWalkThroughToTheLetter) {
  const CommandResult result = Run("echo \"hello world\" > $COS_OBJECT");
  EXPECT_EQ(result.status.code, 0) << result.errors;
  const RawAnswer object = emulator_.FetchObject("trusted-profile-object.txt");
  EXPECT_EQ(object.body, "hello world\n");
  EXPECT_EQ(object.headers.Get("content-type"), "text/plain");
}

TEST_F(RunTest, TheWalkThroughWithObjectWriterAlone) {
  emulator_.Post("role?profile=" + emulator_.profile_id() + "&role=ObjectWriter");
  emulator_.ResetCounters();
  const CommandResult result = Run("echo \"hello world\" > $COS_OBJECT", {"--access=write-only"});
  EXPECT_EQ(result.status.code, 0) << result.errors;
  EXPECT_EQ(emulator_.FetchObject("trusted-profile-object.txt").body, "hello world\n");
  for (const char* operation : {"HeadObject", "GetObject", "ListObjectsV2"}) {
    const uint64_t own = std::string(operation) == "GetObject" ? 1 : 0;  // This test's own.
    EXPECT_EQ(emulator_.RequestCount(operation), own) << operation;
  }
}

TEST_F(RunTest, ReturnsTheProgramsExitStatus) {
  EXPECT_EQ(Run("exit 0").status.code, 0);
  EXPECT_EQ(Run("exit 42").status.code, 42);
}

TEST_F(RunTest, ReturnsTheSignalThatEndedTheProgram) { EXPECT_EQ(Run("kill -KILL $$").status.code, 128 + SIGKILL); }

TEST_F(RunTest, AProgramThatDoesNotExistGives127) {
  const CommandResult result = Cosfuse({"run", "--mount", mountpoint_, "--", "/nonexistent/program"});
  EXPECT_EQ(result.status.code, 127);
  EXPECT_NE(result.errors.find("/nonexistent/program"), std::string::npos) << result.errors;
}

TEST_F(RunTest, ForwardsSignalsToTheProgramAndDrainsAfterIt) {
  const std::string log = directory_.path() + "/log";
  const std::string script = "trap 'echo last words > " + mountpoint_ + "/words; exit 7' TERM; touch " +
                             directory_.path() + "/started; while true; do sleep 0.05; done";
  Subprocess run({COSFUSE_BINARY, "run", "--mount", mountpoint_, "--", "sh", "-c", script}, Pod(), log, log);
  ASSERT_TRUE(Eventually([&] { return access((directory_.path() + "/started").c_str(), F_OK) == 0; }))
      << ReadWholeFile(log);
  run.Signal(SIGTERM);
  EXPECT_EQ(run.Wait(std::chrono::seconds(20)).code, 7) << ReadWholeFile(log);
  EXPECT_EQ(emulator_.FetchObject("words").body, "last words\n");
}

TEST_F(RunTest, TheProgramKeepsItsCapabilitiesAndTheDaemonDoesNot) {
  const CommandResult result =
      Run("grep CapEff /proc/self/status; for child in $(pgrep -P $PPID); do grep CapEff /proc/$child/status; done");
  ASSERT_EQ(result.status.code, 0) << result.errors;
  const std::string own = RunCommand({"sh", "-c", "grep CapEff /proc/self/status"}).output;
  EXPECT_TRUE(result.output.starts_with(own)) << result.output;
  // DAC_OVERRIDE, DAC_READ_SEARCH and SYS_PTRACE: bits 1, 2 and 19.
  EXPECT_NE(result.output.find("0000000000080006"), std::string::npos) << result.output;
}

TEST_F(RunTest, AFailedStartDoesNotRunTheProgram) {
  const std::string witness = directory_.path() + "/witness";
  const CommandResult result =
      Cosfuse({"run", "--mount", mountpoint_, "--", "touch", witness}, {{"COS_BUCKET", "no-such-bucket"}});
  ExpectRefusal(result, 1, {"no-such-bucket"});
  EXPECT_NE(access(witness.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace cosfuse::testing
