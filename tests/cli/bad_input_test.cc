#include <unistd.h>

#include <filesystem>

#include "tests/cli/cli_fixture.h"

namespace cosfuse::testing {
namespace {

/// Nothing listens there.
constexpr const char* kClosedPort = "http://127.0.0.1:1";

class BadInputTest : public CliTest {};

TEST_F(BadInputTest, TokenFileMissing) {
  ExpectRefusal(Mount({}, {{"CR_TOKEN_FILE_PATH", "/nonexistent/token"}}), 1, {"/nonexistent/token"});
}

TEST_F(BadInputTest, TokenFileHoldsNoToken) {
  const std::string path = directory_.path() + "/token";
  WriteWholeFile(path, "not a token\n");
  ExpectRefusal(Mount({"--token-file", path}), 1, {path});
}

TEST_F(BadInputTest, ProfileUnknown) {
  ExpectRefusal(Mount({"--profile-id", "Profile-unknown"}), 1, {"Profile-unknown", "BXNIM0398E"});
}

class ForeignServiceAccountTest : public CliTest {
 protected:
  ForeignServiceAccountTest()
      : CliTest({"--namespace", "work", "--service-account", "robot", "--profile",
                 "ID=Profile-1,name=one,namespace=default,service-account=default,role=Writer"}) {}
};

TEST_F(ForeignServiceAccountTest, ProfileNotLinkedNamesNamespaceAndServiceAccount) {
  ExpectRefusal(Mount({"--profile-id", "Profile-1"}), 1, {"Profile-1", "work", "robot"});
}

TEST_F(BadInputTest, Pitfall47_IamUnreachable) {
  ExpectRefusal(Mount({}, {{"IBM_AUTH_ENDPOINT", kClosedPort}}), 1, {"127.0.0.1:1"});
}

TEST_F(BadInputTest, Pitfall47_EndpointUnreachable) {
  ExpectRefusal(Mount({}, {{"COS_ENDPOINT", kClosedPort}}), 1, {"127.0.0.1:1", "COS_ENDPOINT"});
}

TEST_F(BadInputTest, Pitfall47_BucketMissing) {
  ExpectRefusal(Mount({}, {{"COS_BUCKET", "no-such-bucket"}}), 1, {"no-such-bucket", emulator_.endpoint().substr(7)});
}

TEST_F(BadInputTest, RoleMissing) {
  emulator_.Post("role?profile=" + emulator_.profile_id() + "&role=None");
  ExpectRefusal(Mount(), 1, {emulator_.profile_id(), emulator_.bucket(), "Writer", "HTTP 403"});
  ExpectRefusal(Mount({"--access=read-only"}), 1, {"Content Reader"});
  ExpectRefusal(Mount({"--access=write-only"}), 1, {"Object Writer"});
}

TEST_F(BadInputTest, ObjectWriterAloneIsToldOfWriteOnly) {
  emulator_.Post("role?profile=" + emulator_.profile_id() + "&role=ObjectWriter");
  ExpectRefusal(Mount(), 1, {"--access=write-only"});
}

TEST_F(BadInputTest, ReaderThatAsksForReadWrite) {
  emulator_.Post("role?profile=" + emulator_.profile_id() + "&role=ContentReader");
  ExpectRefusal(Mount({"--access=read-write"}), 1, {"may not write", "Writer"});
}

TEST_F(BadInputTest, MountpointMissing) {
  ExpectRefusal(Cosfuse({"mount", directory_.path() + "/nowhere"}), 1, {directory_.path() + "/nowhere"});
}

TEST_F(BadInputTest, MountpointIsAFile) {
  const std::string file = directory_.path() + "/file";
  WriteWholeFile(file, "");
  ExpectRefusal(Cosfuse({"mount", file}), 1, {file});
}

TEST_F(BadInputTest, MountpointNotEmpty) {
  WriteWholeFile(mountpoint_ + "/file", "x");
  ExpectRefusal(Mount(), 1, {mountpoint_, "empty"});
  std::filesystem::remove(mountpoint_ + "/file");
}

TEST_F(BadInputTest, MountpointTaken) {
  const MountProcess other(emulator_);
  const CommandResult result = Cosfuse({"mount", other.mountpoint()});
  ExpectRefusal(result, 1, {other.mountpoint()});
  EXPECT_TRUE(other.mounted());
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
  ExpectRefusal(result, 1, {"/dev/fuse"});
}

TEST_F(BadInputTest, NoPermissionToMount) {
  const CommandResult result = RunCommand(
      {"setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", COSFUSE_BINARY, "mount", mountpoint_},
      Pod());
  ExpectRefusal(result, 1, {mountpoint_, "CAP_SYS_ADMIN"});
}

TEST_F(BadInputTest, CertificateMissing) {
  ExpectRefusal(Mount({"--ca-file", "/nonexistent/ca.pem"}), 1, {"/nonexistent/ca.pem", "--ca-file"});
}

class TlsTest : public CliTest {
 protected:
  TlsTest() : CliTest({"--tls"}) {}
};

TEST_F(TlsTest, UnknownCertificateAuthority) { ExpectRefusal(Mount({}, {{"COSFUSE_CA_FILE", ""}}), 1, {"127.0.0.1"}); }

TEST_F(TlsTest, KnownCertificateAuthorityMounts) {
  const CommandResult result =
      Cosfuse({"run", "--mount", mountpoint_, "--", "sh", "-c", "echo hi > $0/f", mountpoint_});
  EXPECT_EQ(result.status.code, 0) << result.errors;
  EXPECT_EQ(emulator_.FetchObject("f").body, "hi\n");
}

TEST_F(BadInputTest, UsageErrorsExitWithTwo) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> table = {
      {{"mount", mountpoint_, "--tll", "3"}, "--ttl"},
      {{"mount", mountpoint_, "--nonsense"}, "--nonsense"},
      {{"mount", mountpoint_, "--ttl", "soon"}, "--ttl"},
      {{"mount", mountpoint_, "--part-size", "1"}, "--part-size"},
      {{"mount", mountpoint_, "--endpoint", "http://store.example"}, "--allow-http"},
      {{"mount", mountpoint_, "--umask", "0", "--file-mode", "600", "--dir-mode", "700"}, "--umask"},
      {{"run", "--mount", mountpoint_}, "program"},
      {{"mount"}, "mountpoint"},
      {{"frobnicate"}, "frobnicate"},
      {{}, "command"}};
  for (const auto& [arguments, says] : table) ExpectRefusal(Cosfuse(arguments), 2, {says});
}

TEST_F(BadInputTest, AStartThatWaitsForTheNetworkEndsBySigterm) {
  emulator_.Post("blackhole?on=1&what=iam");
  const std::string log = directory_.path() + "/log";
  Subprocess mount({COSFUSE_BINARY, "mount", mountpoint_}, Pod(), log, log);
  // The daemon is at the exchange once it has taken its cache directory.
  ASSERT_TRUE(Eventually([&] { return !ReadWholeFile(directory_.path() + "/cache/lock").empty(); }));
  mount.Signal(SIGTERM);
  const ExitStatus status = mount.Wait(std::chrono::seconds(5));
  EXPECT_FALSE(status.timed_out) << ReadWholeFile(log);
  EXPECT_EQ(status.code, 1);
  EXPECT_FALSE(IsMountPoint(mountpoint_));
  emulator_.Post("blackhole?on=0&what=iam");
}

}  // namespace
}  // namespace cosfuse::testing
