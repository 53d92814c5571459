#include <fcntl.h>
#include <unistd.h>

#include <sstream>

#include "base/file_descriptor.h"
#include "base/thread.h"
#include "tests/cli/cli_fixture.h"

namespace cosfuse::testing {
namespace {

/// Arguments and environment of a process and its children, as any process list shows them. Not by ps: that reads those
/// of all processes, and waits for one that is held in a page fault.
std::string ProcessList(pid_t process) {
  const std::string directory = "/proc/" + std::to_string(process);
  std::string list = ReadWholeFile(directory + "/cmdline") + ReadWholeFile(directory + "/environ");
  std::istringstream children(ReadWholeFile(directory + "/task/" + std::to_string(process) + "/children"));
  for (pid_t child = 0; children >> child;) list += ProcessList(child);
  return list;
}

TEST_F(CliTest, VersionAndHelpGoToStandardOutput) {
  const CommandResult version = Cosfuse({"--version"});
  EXPECT_EQ(version.status.code, 0);
  EXPECT_TRUE(version.output.starts_with("cosfuse ")) << version.output;
  for (const char* command : {"mount", "run", "unmount", "wait", "token", "recover", "doctor"}) {
    const CommandResult help = Cosfuse({command, "--help"});
    EXPECT_EQ(help.status.code, 0);
    EXPECT_NE(help.output.find(command), std::string::npos);
    EXPECT_EQ(help.errors, "");
  }
}

TEST_F(CliTest, MountSaysWhatItMountedWhere) {
  const MountProcess mount(emulator_);
  EXPECT_NE(mount.Log().find("mounted " + emulator_.bucket() + " at " + mount.mountpoint() + " (read-write)\n"),
            std::string::npos)
      << mount.Log();
}

TEST_F(CliTest, WaitReturnsOnceTheMountAnswers) {
  const std::string log = directory_.path() + "/log";
  emulator_.Post("latency?ms=200");
  Subprocess mount({COSFUSE_BINARY, "mount", mountpoint_}, Pod(), log, log);
  const CommandResult waited = Cosfuse({"wait", mountpoint_, "--timeout", "60"});
  EXPECT_EQ(waited.status.code, 0) << waited.errors;
  EXPECT_TRUE(IsMountPoint(mountpoint_));
  mount.Signal(SIGTERM);
  EXPECT_EQ(mount.Wait(std::chrono::seconds(20)).code, 0) << ReadWholeFile(log);
}

TEST_F(CliTest, WaitGivesUpWithOneLine) {
  ExpectRefusal(Cosfuse({"wait", mountpoint_, "--timeout", "0.3"}), 1, {mountpoint_, "is not mounted", "--timeout"});
}

TEST_F(CliTest, UnmountOfAForeignDirectoryIsRefused) {
  ExpectRefusal(Cosfuse({"unmount", mountpoint_}), 1, {mountpoint_, "is not a mount of cosfuse"});
}

TEST_F(CliTest, UnmountReturnsAfterTheDaemonHasEnded) {
  MountProcess mount(emulator_);
  WriteWholeFile(mount.Path("f"), "x");
  const CommandResult result = Cosfuse({"unmount", mount.mountpoint()});
  EXPECT_EQ(result.status.code, 0) << result.errors;
  EXPECT_FALSE(mount.mounted());
  EXPECT_EQ(mount.process().Wait(std::chrono::seconds(20)).code, 0) << mount.Log();
}

TEST_F(CliTest, UnmountOfAMountInUseIsRefusedUnlessForced) {
  MountProcess mount(emulator_);
  WriteWholeFile(mount.Path("f"), "x");
  FileDescriptor open_file(open(mount.Path("f").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(open_file.valid());
  const CommandResult busy = Cosfuse({"unmount", mount.mountpoint()});
  EXPECT_EQ(busy.status.code, 1);
  EXPECT_NE(busy.errors.find("in use"), std::string::npos) << busy.errors;
  EXPECT_TRUE(mount.mounted());
  const CommandResult forced = Cosfuse({"unmount", "--force", mount.mountpoint()});
  EXPECT_EQ(forced.status.code, 0) << forced.errors;
  EXPECT_FALSE(mount.mounted());
  EXPECT_EQ(mount.process().Wait(std::chrono::seconds(20)).code, 0) << mount.Log();
}

TEST_F(CliTest, BackgroundReturnsWhenTheMountWorks) {
  const std::string pid_file = directory_.path() + "/pid";
  const CommandResult started = Mount({"--background", "--pid-file", pid_file});
  ASSERT_EQ(started.status.code, 0) << started.errors;
  EXPECT_TRUE(IsMountPoint(mountpoint_));
  WriteWholeFile(mountpoint_ + "/f", "x");
  EXPECT_EQ(emulator_.FetchObject("f").body, "x");
  EXPECT_GT(std::stoi("0" + ReadWholeFile(pid_file)), 1);
  EXPECT_EQ(Cosfuse({"unmount", mountpoint_}).status.code, 0);
  EXPECT_TRUE(Eventually([&] { return ReadWholeFile(pid_file).empty(); }));
}

TEST_F(CliTest, BackgroundReturnsTheFailureOfAMountThatDoesNotWork) {
  ExpectRefusal(Mount({"--background"}, {{"COS_BUCKET", "no-such-bucket"}}), 1, {"no-such-bucket"});
}

TEST_F(CliTest, TokenDescribesTheIdentity) {
  const CommandResult token = Cosfuse({"token"});
  EXPECT_EQ(token.status.code, 0) << token.errors;
  EXPECT_NE(token.output.find("profile: " + emulator_.profile_id()), std::string::npos) << token.output;
  EXPECT_NE(token.output.find("account: "), std::string::npos) << token.output;
  EXPECT_NE(token.output.find("expires: "), std::string::npos) << token.output;
  EXPECT_EQ(token.output.find("eyJ"), std::string::npos);
}

TEST_F(CliTest, TokenPrintsAHeaderThatWorksOnRequestAlone) {
  const CommandResult token = Cosfuse({"token", "--header"});
  EXPECT_EQ(token.status.code, 0) << token.errors;
  ASSERT_TRUE(token.output.starts_with("Authorization: Bearer ")) << token.output;
  WriteWholeFile(directory_.path() + "/header", token.output);
  const CommandResult listing = RunCommand({"curl", "-sf", "-H", "@" + directory_.path() + "/header",
                                            emulator_.endpoint() + "/" + emulator_.bucket() + "?list-type=2"});
  EXPECT_EQ(listing.status.code, 0);
  EXPECT_NE(listing.output.find("ListBucketResult"), std::string::npos);
}

TEST_F(CliTest, TokenThatIsRefusedIsOneLine) {
  ExpectRefusal(Cosfuse({"token", "--profile-id", "Profile-unknown"}), 1, {"Profile-unknown"});
}

TEST_F(CliTest, NoTokenInLogsErrorsOrProcessList) {
  const std::string secret = ReadWholeFile(emulator_.token_file()).substr(0, 60);
  ASSERT_EQ(secret.size(), 60U);
  MountProcess mount(emulator_, {"--log-level", "debug"});
  WriteWholeFile(mount.Path("f"), "x");
  emulator_.Post("revoke-tokens");
  WriteWholeFile(mount.Path("g"), "y");
  const std::string processes = ProcessList(mount.process().pid());
  EXPECT_NE(processes.find(mount.mountpoint()), std::string::npos);
  EXPECT_EQ(processes.find(secret), std::string::npos);
  EXPECT_EQ(mount.Terminate().code, 0);
  EXPECT_EQ(mount.Log().find("eyJ"), std::string::npos) << mount.Log();
  EXPECT_EQ(mount.Log().find("Bearer "), std::string::npos) << mount.Log();
}

TEST_F(CliTest, ReadOnlyMountRefusesChanges) {
  emulator_.PutObject("f", "x");
  emulator_.Post("role?profile=" + emulator_.profile_id() + "&role=ContentReader");
  const MountProcess mount(emulator_, {"--access=read-only"});
  EXPECT_EQ(ReadWholeFile(mount.Path("f")), "x");
  const CommandResult write = RunShell("echo y > f", mount.mountpoint());
  EXPECT_NE(write.errors.find("Read-only file system"), std::string::npos) << write.errors;
}

TEST_F(CliTest, Pitfall38_WhatADeadlineCutsOffIsNamedAndTheExitIsThree) {
  MountProcess mount(emulator_, {"--drain-timeout", "1"});
  // The store falls silent between open and close. An open would wait for it as well (is the name taken?), and until
  // then there is nothing to lose. A shell cannot do this: it duplicates descriptors, and each close of one is an
  // upload.
  FileDescriptor file(open(mount.Path("stuck.txt").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  ASSERT_EQ(write(file.get(), "kept", 4), 4);
  emulator_.Post("blackhole?on=1&what=cos");
  const Thread closer("closer", [&file] { file.Close(); });
  EXPECT_TRUE(Eventually([&] { return emulator_.RequestCount("PutObject") > 0; }, std::chrono::seconds(30)));
  const ExitStatus status = mount.Terminate(std::chrono::seconds(15));
  EXPECT_EQ(status.code, 3) << mount.Log();
  EXPECT_NE(mount.Log().find("stuck.txt"), std::string::npos) << mount.Log();
  EXPECT_FALSE(mount.mounted());
  emulator_.Post("blackhole?on=0&what=cos");
}

class TlsTest : public CliTest {
 protected:
  TlsTest() : CliTest({"--tls"}) {}
};

TEST_F(TlsTest, KnownCertificateAuthorityMounts) {
  const CommandResult result =
      Cosfuse({"run", "--mount", mountpoint_, "--", "sh", "-c", "echo hi > $0/f", mountpoint_});
  EXPECT_EQ(result.status.code, 0) << result.errors;
  EXPECT_EQ(emulator_.FetchObject("f").body, "hi\n");
}

TEST_F(TlsTest, AnEndpointWithoutASchemeIsHttps) {
  const std::string host = emulator_.endpoint().substr(std::string("https://").size());
  const CommandResult result = Cosfuse({"run", "--mount", mountpoint_, "--", "ls", mountpoint_},
                                       {{"COS_ENDPOINT", host}, {"IBM_AUTH_ENDPOINT", host + "/identity/token"}});
  EXPECT_EQ(result.status.code, 0) << result.errors;
}

class PublicBucketTest : public CliTest {
 protected:
  PublicBucketTest() : CliTest({"--bucket", "open-bucket", "--public-bucket", "open-bucket"}) {}
};

TEST_F(PublicBucketTest, AnonymousReadsItWithoutATokenAndChangesNothing) {
  emulator_.PutObject("f", "for all");
  const uint64_t exchanges = emulator_.RequestCount("TokenExchange");
  const std::string script = "cat $0/f; if echo x > $0/g; then exit 9; fi";
  const CommandResult result =
      Cosfuse({"run", "--anonymous", "--mount", mountpoint_, "--", "sh", "-c", script, mountpoint_});
  EXPECT_EQ(result.status.code, 0) << result.errors;
  EXPECT_EQ(result.output, "for all");
  EXPECT_NE(result.errors.find("Read-only file system"), std::string::npos) << result.errors;
  EXPECT_EQ(emulator_.RequestCount("TokenExchange"), exchanges);
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"f"});
}

class ApiKeyTest : public CliTest {
 protected:
  ApiKeyTest() : CliTest({"--api-key", "first-key", "--api-key", "second-key=ContentReader"}) {
    WriteWholeFile(key_file_, "first-key\n");
  }

  const std::string key_file_ = directory_.path() + "/key";
};

TEST_F(ApiKeyTest, TakesTheProfilesPlaceAndIsReadAnewFromItsFile) {
  const Environment outside = {{"TRUSTED_PROFILE_ID", ""}, {"COSFUSE_API_KEY_FILE", key_file_}};
  const CommandResult written =
      Cosfuse({"run", "--mount", mountpoint_, "--", "sh", "-c", "echo hi > $0/f", mountpoint_}, outside);
  EXPECT_EQ(written.status.code, 0) << written.errors;
  EXPECT_EQ(emulator_.FetchObject("f").body, "hi\n");
  // The flag hides the profile of the pod.
  WriteWholeFile(key_file_, "second-key");
  const CommandResult refused = Mount({"--api-key-file", key_file_, "--access", "read-write"});
  ExpectRefusal(refused, 1,
                {"the API key in " + key_file_ + " may not write", "grant the key's owner the role Writer"});
}

TEST_F(ApiKeyTest, AKeyThatIsRotatedLiveNeedsNoRemount) {
  emulator_.PutObject("f", "x");
  WriteWholeFile(key_file_, "second-key");
  MountProcess mount(emulator_, {"--api-key-file", key_file_, "--log-level", "debug"});
  EXPECT_EQ(ReadWholeFile(mount.Path("f")), "x");
  // A key that may write shows that the file was read again.
  WriteWholeFile(key_file_, "first-key");
  emulator_.Post("revoke-tokens");
  WriteWholeFile(mount.Path("g"), "y");
  EXPECT_EQ(emulator_.Keys(), (std::vector<std::string>{"f", "g"}));
  EXPECT_EQ(mount.Terminate().code, 0) << mount.Log();
  EXPECT_EQ(mount.Log().find("first-key"), std::string::npos) << mount.Log();
  EXPECT_EQ(mount.Log().find("second-key"), std::string::npos) << mount.Log();
}

TEST_F(ApiKeyTest, AKeyThatIamDoesNotKnowNamesItsFile) {
  WriteWholeFile(key_file_, "no-such-key");
  const CommandResult result = Mount({"--api-key-file", key_file_});
  ExpectRefusal(result, 1, {"IAM does not know the API key in " + key_file_, "service-api-key-create", "BXNIM0415E"});
  EXPECT_EQ(result.errors.find("no-such-key"), std::string::npos) << result.errors;
}

TEST_F(CliTest, ARoleThatIsRepairedLiveWorksWithoutARemount) {
  const MountProcess mount(emulator_);
  const auto write = [&] { return RunShell("echo x > f", mount.mountpoint()); };
  emulator_.Post("role?profile=" + emulator_.profile_id() + "&role=None");
  const CommandResult refused = write();
  EXPECT_NE(refused.status.code, 0);
  EXPECT_NE(refused.errors.find("Permission denied"), std::string::npos) << refused.errors;
  emulator_.Post("role?profile=" + emulator_.profile_id() + "&role=Writer");
  EXPECT_TRUE(Eventually([&] { return write().status.code == 0; }, std::chrono::seconds(30))) << mount.Log();
  EXPECT_EQ(emulator_.FetchObject("f").body, "x\n");
}

class ShortTokensTest : public CliTest {
 protected:
  ShortTokensTest() : CliTest({"--access-token-lifetime", "20"}) {}
};

TEST_F(ShortTokensTest, AProfileThatIsRepairedLiveWorksWithoutARemount) {
  const MountProcess mount(emulator_);
  const auto write = [&] { return RunShell("echo x > f", mount.mountpoint()); };
  emulator_.Post("fault?op=TokenExchange&status=400&code=BXNIM0398E&count=1000000");
  emulator_.Post("revoke-tokens");
  const CommandResult refused = write();
  EXPECT_NE(refused.errors.find("Permission denied"), std::string::npos) << refused.errors;
  EXPECT_TRUE(emulator_.Keys().empty());
  emulator_.Post("fault/clear");
  EXPECT_TRUE(Eventually([&] { return write().status.code == 0; }, std::chrono::seconds(60))) << mount.Log();
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"f"});
}

}  // namespace
}  // namespace cosfuse::testing
