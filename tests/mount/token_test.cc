#include <atomic>
#include <vector>

#include "base/thread.h"
#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

/// A load of small files by many threads, and how often it met an error.
class WriterLoad {
 public:
  static constexpr int kWriters = 16;

  WriterLoad(const MountProcess& mount, MonotonicTime end) {
    for (int writer = 0; writer < kWriters; ++writer) {
      threads_.emplace_back("writer", [&mount, end, writer, this] {
        const SystemClock clock;
        for (int i = 0; clock.Now() < end; ++i) {
          const std::string path = mount.Path("w" + std::to_string(writer) + "-" + std::to_string(i % 50));
          if (!WriteAndReadBack(path, std::to_string(i))) ++failures_;
          ++files_;
        }
      });
    }
  }

  void Join() {
    for (Thread& thread : threads_) thread.Join();
  }
  int files() const { return files_; }
  int failures() const { return failures_; }

 private:
  static bool WriteAndReadBack(const std::string& path, const std::string& text) {
    FileDescriptor fd(open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644));
    return fd.valid() && write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
           CloseStatus(fd) == 0 && ReadWholeFile(path) == text;
  }

  std::atomic<int> failures_ = 0;
  std::atomic<int> files_ = 0;
  std::vector<Thread> threads_;
};

TEST(TokenTest, Pitfall46_ShortTokensAndRevocationStayInvisibleToSixteenWriters) {
  const auto token_life = std::chrono::seconds(LongCampaign() ? 20 : 10);
  const auto load_time = std::chrono::seconds(LongCampaign() ? 120 : 20);
  const EmulatorProcess emulator({"--access-token-lifetime", std::to_string(token_life.count())});
  const MountProcess mount(emulator);
  const SystemClock clock;
  const MonotonicTime start = clock.Now();
  emulator.ResetCounters();
  WriterLoad load(mount, start + load_time);
  SystemClock().Sleep(OpContext(), load_time / 2).value();
  emulator.Post("revoke-tokens");
  load.Join();
  EXPECT_EQ(load.failures(), 0) << mount.Log();
  EXPECT_GT(load.files(), WriterLoad::kWriters);
  // One for each renewal, at 80 % of a token's life; one for the one under way at the start, one for the revocation.
  const uint64_t exchanges = emulator.RequestCount("TokenExchange");
  const auto renewals = static_cast<uint64_t>((clock.Now() - start) / (token_life * 8 / 10));
  EXPECT_GE(exchanges, 2U);
  EXPECT_LE(exchanges, renewals + 2);
}

/// Callers that all need a token while there is none.
class WaitingCallersTest : public ::testing::Test {
 protected:
  static constexpr int kCallers = 64;

  explicit WaitingCallersTest(const std::vector<std::string>& arguments = {}) : emulator_(arguments) {
    for (int i = 0; i < kCallers; ++i) emulator_.PutObject("f" + std::to_string(i), "x");
  }

  void SilenceIam(bool on) const { emulator_.Post(std::string("blackhole?what=iam&on=") + (on ? "1" : "0")); }
  void StartCallers() {
    for (int i = 0; i < kCallers; ++i) {
      callers_.emplace_back("caller", [this, i] {
        if (StatErrno(mount_.Path("f" + std::to_string(i))) != 0) ++failures_;
      });
    }
  }
  void ExpectAllServedByOneExchange() {
    for (Thread& caller : callers_) caller.Join();
    EXPECT_EQ(failures_, 0) << mount_.Log();
    EXPECT_EQ(emulator_.RequestCount("TokenExchange"), 1U);
  }

  EmulatorProcess emulator_;
  MountProcess mount_{emulator_};

 private:
  std::atomic<int> failures_ = 0;
  std::vector<Thread> callers_;
};

TEST_F(WaitingCallersTest, Pitfall46_RevokedTokenCostsSixtyFourCallersOneExchange) {
  emulator_.ResetCounters();
  // The exchange takes its time, so that the callers, each refused once, are all waiting for it.
  emulator_.Post("fault?op=TokenExchange&kind=delay&ms=2000");
  emulator_.Post("revoke-tokens");
  StartCallers();
  ExpectAllServedByOneExchange();
}

class ExpiredTokenTest : public WaitingCallersTest {
 protected:
  ExpiredTokenTest() : WaitingCallersTest({"--access-token-lifetime", "5"}) {}
};

TEST_F(ExpiredTokenTest, Pitfall46_ExpiredTokenCostsSixtyFourCallersOneExchange) {
  SilenceIam(true);
  emulator_.Post("token-lifetime?seconds=3600");
  SystemClock().Sleep(OpContext(), std::chrono::seconds(5)).value();  // The life of the token that the mount has.
  emulator_.ResetCounters();
  StartCallers();
  SilenceIam(false);
  ExpectAllServedByOneExchange();
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
