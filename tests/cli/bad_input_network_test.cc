#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <list>

#include "base/file_descriptor.h"
#include "base/thread.h"
#include "tests/cli/cli_fixture.h"

namespace cosfuse::testing {
namespace {

/// A port that is there and takes no connection: its queue is full, so that the kernel drops what comes. From a private
/// cluster the public hosts look like that.
class SilentPort {
 public:
  SilentPort(const char* address, uint16_t port) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    inet_pton(AF_INET, address, &name.sin_addr);
    const int on = 1;
    setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    socklen_t length = sizeof(name);
    ok_ = bind(listener_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0 &&
          listen(listener_.get(), 0) == 0 &&
          getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&name), &length) == 0;
    port_ = ntohs(name.sin_port);
    for (FileDescriptor& caller : callers_) {
      caller = FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      // The first gets in; the others begin, and stay so.
      const bool begun =
          caller.valid() &&
          (connect(caller.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0 || errno == EINPROGRESS);
      ok_ = ok_ && begun;
    }
  }

  bool ok() const { return ok_; }
  uint16_t port() const { return port_; }

 private:
  FileDescriptor listener_;
  std::array<FileDescriptor, 4> callers_;
  bool ok_ = false;
  uint16_t port_ = 0;
};

/// Each case waits for as long as a start waits for a network, so that they all wait at the same time.
class SilentNetworkTest : public BadInputTest {
 protected:
  struct Case {
    std::string name;
    Environment changes;
    std::vector<std::string> says;
    std::string script = "exec \"$0\" mount \"$1\"";
    CommandResult result = {};
  };

  void ExpectRefusals(std::list<Case>& cases) {
    {
      std::list<Thread> threads;
      for (Case& one : cases) threads.emplace_back(one.name, [this, &one] { Run(one); });
    }
    for (const Case& one : cases) {
      SCOPED_TRACE(one.name);
      ExpectRefusal(one.result, 1, one.says);
      EXPECT_FALSE(IsMountPoint(MountpointOf(one)));
    }
  }

 private:
  std::string MountpointOf(const Case& one) const { return directory_.path() + "/" + one.name; }

  void Run(Case& one) {
    Environment changes = one.changes;
    changes["COSFUSE_CACHE_DIR"] = directory_.path() + "/cache-" + one.name;
    one.result =
        RunCommand({"unshare", "--mount", "sh", "-ec", one.script, COSFUSE_BINARY, directory_.MakeDirectory(one.name)},
                   Pod(changes));
  }
};

TEST_F(SilentNetworkTest, Pitfall47_WhatDoesNotAnswerIsNamedWithItsRemedy) {
  const std::string nobody = "127.0.0.1:1";                       // Nothing listens there.
  const std::string nowhere = std::string(64, 'x') + ".invalid";  // Longer than a label of DNS may be.
  const std::string public_iam = "127.47.47.47";
  const SilentPort silent(public_iam.c_str(), 443);
  ASSERT_TRUE(silent.ok());
  const std::string hosts = directory_.path() + "/hosts";
  WriteWholeFile(hosts, public_iam + " iam.cloud.ibm.com\n");
  const SilentPort silent_cos("127.0.0.1", 0);
  ASSERT_TRUE(silent_cos.ok());
  const std::string silent_host = "127.0.0.1:" + std::to_string(silent_cos.port());

  std::list<Case> cases = {
      {"iam-unreachable",
       {{"IBM_AUTH_ENDPOINT", "http://" + nobody}},
       {nobody, "Check --iam-endpoint", "IBM_AUTH_ENDPOINT"}},
      {"cos-unreachable", {{"COS_ENDPOINT", "http://" + nobody}}, {"COS at " + nobody, "Check COS_ENDPOINT"}},
      {"cos-hangs", {{"COS_ENDPOINT", "http://" + silent_host}}, {"COS at " + silent_host, "Check COS_ENDPOINT"}},
      {"no-tls", {{"COS_ENDPOINT", HostOf(emulator_)}}, {HostOf(emulator_), "TLS", "COS_ENDPOINT", "https"}},
      {"no-name",
       {{"COS_ENDPOINT", "https://" + nowhere}, {"HTTPS_PROXY", ""}, {"https_proxy", ""}, {"ALL_PROXY", ""}},
       {"cannot find the address of " + nowhere, "Check COS_ENDPOINT, DNS"}}};
  // The public host of IAM, as a private cluster has it: no answer to a connection.
  Case& hanging = cases.emplace_back();
  hanging.name = "iam-hangs";
  hanging.changes = {{"IBM_AUTH_ENDPOINT", ""}, {"HTTPS_PROXY", ""}, {"https_proxy", ""}, {"ALL_PROXY", ""}};
  hanging.says = {"iam.cloud.ibm.com:443", "--iam-endpoint https://private.iam.cloud.ibm.com", "IBM_AUTH_ENDPOINT"};
  hanging.script = "mount --bind " + hosts + " /etc/hosts; " + hanging.script;
  ExpectRefusals(cases);
}

}  // namespace
}  // namespace cosfuse::testing
