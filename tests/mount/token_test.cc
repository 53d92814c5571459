#include <atomic>
#include <cstdlib>
#include <vector>

#include "base/thread.h"
#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// Seconds of load: a short part by default, COSFUSE_TEST_SECONDS on request.
std::chrono::seconds LoadTime(int usual) {
  const char* const wanted = getenv("COSFUSE_TEST_SECONDS");
  return std::chrono::seconds(wanted == nullptr ? usual : atoi(wanted));
}

TEST(TokenTest, Pitfall46_ShortTokensAndRevocationStayInvisibleToSixteenWriters) {
  constexpr int kWriters = 16;
  constexpr int kTokenSeconds = 20;
  const EmulatorProcess emulator({"--access-token-lifetime", std::to_string(kTokenSeconds)});
  const MountProcess mount(emulator);
  emulator.ResetCounters();
  const SystemClock clock;
  const auto load = LoadTime(60);
  const MonotonicTime end = clock.Now() + load;
  std::atomic<int> failures = 0;
  std::atomic<int> files = 0;
  {
    std::vector<Thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back("writer", [&, writer] {
        for (int i = 0; clock.Now() < end; ++i) {
          const std::string path = mount.Path("w" + std::to_string(writer) + "-" + std::to_string(i % 50));
          FileDescriptor fd(open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644));
          const std::string text = std::to_string(i);
          const bool good = fd.valid() &&
                            write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                            CloseStatus(fd) == 0 && ReadWholeFile(path) == text;
          if (!good) ++failures;
          ++files;
        }
      });
    }
    SystemClock().Sleep(OpContext(), load / 2).value();
    emulator.Post("revoke-tokens");
  }
  EXPECT_EQ(failures, 0) << mount.Log();
  EXPECT_GT(files, kWriters);
  // One at the start at most, one for each renewal at 80 %, one for the revocation.
  const uint64_t renewals = static_cast<uint64_t>(load.count()) / (kTokenSeconds * 8 / 10) + 1;
  EXPECT_LE(emulator.RequestCount("TokenExchange"), renewals + 2);
}

TEST_F(MountTest, NoTokenInAnyLog) {
  const std::string token = ReadWholeFile(emulator_.token_file());
  ASSERT_GT(token.size(), 100U);
  WriteWholeFile(Path("f"), "x");
  EXPECT_EQ(mount_.Log().find("eyJ"), std::string::npos) << mount_.Log();
  const CommandResult processes = RunCommand({"ps", "axww", "-o", "args"});
  EXPECT_EQ(processes.output.find(token.substr(0, 60)), std::string::npos);
}

}  // namespace
}  // namespace cosfuse::testing
