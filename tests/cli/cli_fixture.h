#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/emulator_process.h"
#include "tests/support/mount_process.h"
#include "tests/support/subprocess.h"

namespace cosfuse::testing {

using Environment = std::map<std::string, std::string>;

/// Runs the built program in the environment of a pod whose services are the emulator's, with an empty mountpoint and
/// a cache directory of this test's own.
class CliTest : public ::testing::Test {
 protected:
  explicit CliTest(const std::vector<std::string>& emulator_arguments = {}) : emulator_(emulator_arguments) {}
  void TearDown() override {
    if (IsMountPoint(mountpoint_)) {
      ADD_FAILURE() << "a mount was left behind";
      umount2(mountpoint_.c_str(), MNT_DETACH);
    }
  }

  Environment Pod(const Environment& changes = {}) const {
    Environment environment = emulator_.PodEnvironment();
    environment["COSFUSE_CACHE_DIR"] = directory_.path() + "/cache";
    for (const auto& [name, value] : changes) environment[name] = value;
    return environment;
  }

  CommandResult Cosfuse(std::vector<std::string> arguments, const Environment& changes = {},
                        Duration timeout = std::chrono::seconds(60)) const {
    arguments.insert(arguments.begin(), COSFUSE_BINARY);
    return RunCommand(std::move(arguments), Pod(changes), timeout);
  }
  CommandResult Mount(std::vector<std::string> options = {}, const Environment& changes = {}) const {
    options.insert(options.begin(), {"mount", mountpoint_});
    return Cosfuse(std::move(options), changes);
  }

  /// The rule for every failure before the mount: the exit code, nothing on standard output, exactly one line
  /// "cosfuse: CAUSE. REMEDY." that holds `says`, no token, and no mount.
  void ExpectRefusal(const CommandResult& result, int code, const std::vector<std::string>& says) const {
    EXPECT_EQ(result.status.code, code) << result.errors;
    EXPECT_FALSE(result.status.timed_out);
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(std::ranges::count(result.errors, '\n'), 1) << result.errors;
    EXPECT_TRUE(result.errors.starts_with("cosfuse: ")) << result.errors;
    EXPECT_TRUE(result.errors.ends_with(".\n")) << result.errors;
    EXPECT_NE(result.errors.find(". "), std::string::npos) << "no remedy: " << result.errors;
    for (const std::string& text : says) EXPECT_NE(result.errors.find(text), std::string::npos) << result.errors;
    EXPECT_EQ(result.errors.find("eyJ"), std::string::npos) << "a token is shown";
    EXPECT_FALSE(IsMountPoint(mountpoint_));
  }

  TemporaryDirectory directory_;
  EmulatorProcess emulator_;
  const std::string mountpoint_ = directory_.MakeDirectory("mnt");
};

/// What a user may get wrong: each test ends in ExpectRefusal.
class BadInputTest : public CliTest {
 protected:
  using CliTest::CliTest;
  BadInputTest() = default;

  /// "127.0.0.1:9000", as messages name a host.
  static std::string HostOf(const EmulatorProcess& emulator) {
    return emulator.endpoint().substr(emulator.endpoint().find("://") + 3);
  }
};

}  // namespace cosfuse::testing
