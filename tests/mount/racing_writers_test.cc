#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

constexpr size_t kRacers = 2;
constexpr size_t kIdLength = 44;

/// What a racer does at the same time as the other one. A plain value: it travels through a pipe in one piece.
struct RaceStep {
  enum class Kind : uint8_t { kOpen, kWriteAndClose };
  Kind kind = Kind::kOpen;
  uint32_t round = 0;
  uint32_t name = 0;
  uint32_t ids = 0;  ///< How often the content repeats the id of racer and round.
};

struct RaceResult {
  uint32_t racer = 0;
  int error = 0;
};

using RaceId = std::array<char, kIdLength + 1>;

RaceId IdOf(uint32_t racer, uint32_t round) {
  RaceId id{};
  std::snprintf(id.data(), id.size(), "racer %010u writes in round %010u\n", racer, round);
  return id;
}

/// Takes steps by order until the pipe is closed. Runs in a forked child, so it does nothing but system calls.
class Racer {
 public:
  Racer(uint32_t racer, const char* mountpoint) : racer_(racer), mountpoint_(mountpoint) {}

  [[noreturn]] void Run(int orders, int results) {
    for (RaceStep step; read(orders, &step, sizeof(step)) == sizeof(step);) {
      const RaceResult result{.racer = racer_, .error = Take(step)};
      if (write(results, &result, sizeof(result)) != sizeof(result)) break;
    }
    _exit(0);
  }

 private:
  int Take(const RaceStep& step) {
    if (step.kind == RaceStep::Kind::kOpen) {
      std::array<char, 512> path{};
      std::snprintf(path.data(), path.size(), "%s/name-%u", mountpoint_, step.name);
      fd_ = open(path.data(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
      return fd_ < 0 ? errno : 0;
    }
    const RaceId id = IdOf(racer_, step.round);
    for (size_t i = 0; i < buffer_.size(); ++i) buffer_[i] = id[i % kIdLength];
    for (size_t left = step.ids * kIdLength; left > 0;) {
      const size_t length = std::min(left, buffer_.size());
      if (write(fd_, buffer_.data(), length) != static_cast<ssize_t>(length)) return EIO;
      left -= length;
    }
    return close(std::exchange(fd_, -1)) == 0 ? 0 : errno;
  }

  const uint32_t racer_;
  const char* const mountpoint_;
  int fd_ = -1;
  std::array<char, 2048 * kIdLength> buffer_{};
};

/// Two processes, each on a mount of its own of one bucket.
class RacingWritersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    results_ = MakeEnds();
    for (uint32_t i = 0; i < kRacers; ++i) {
      Ends orders = MakeEnds();
      const std::string& mountpoint = (i == 0 ? one_ : other_).mountpoint();
      const pid_t pid = fork();
      ASSERT_GE(pid, 0) << "errno " << errno;
      if (pid == 0) {
        // Only the parent may hold the ends that order: their closing ends all.
        orders.to.Close();
        for (FileDescriptor& earlier : orders_) earlier.Close();
        Racer(i, mountpoint.c_str()).Run(orders.from.get(), results_.to.get());
      }
      pids_.push_back(pid);
      orders_.push_back(std::move(orders.to));
    }
    results_.to.Close();
  }

  void TearDown() override {
    orders_.clear();
    for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
  }

  /// What each of them was told.
  std::array<int, kRacers> TakeBoth(const RaceStep& step) {
    for (const FileDescriptor& order : orders_)
      EXPECT_EQ(write(order.get(), &step, sizeof(step)), ssize_t{sizeof(step)});
    std::array<int, kRacers> errors{};
    errors.fill(-1);
    for (size_t i = 0; i < kRacers; ++i) {
      RaceResult result;
      const ssize_t length = read(results_.from.get(), &result, sizeof(result));
      EXPECT_EQ(length, ssize_t{sizeof(result)}) << "a process has died";
      if (length == ssize_t{sizeof(result)}) errors[result.racer] = result.error;
    }
    return errors;
  }

  static std::string ContentOf(uint32_t racer, const RaceStep& step) {
    const RaceId id = IdOf(racer, step.round);
    std::string content;
    content.reserve(step.ids * kIdLength);
    for (uint32_t i = 0; i < step.ids; ++i) content.append(id.data(), kIdLength);
    return content;
  }

  /// Below which keys that begin with the name the content is.
  std::vector<std::string> KeysOf(const std::string& name, const std::string& content) const {
    std::vector<std::string> found;
    for (const std::string& key : emulator_.Keys()) {
      if (key != name && !key.starts_with(name + ".conflict-")) continue;
      if (emulator_.FetchObject(key).body == content) found.push_back(key);
    }
    return found;
  }

  /// One round: both open, then both write and close.
  void Race(RaceStep step) {
    const std::string name = "name-" + std::to_string(step.name);
    step.kind = RaceStep::Kind::kOpen;
    ASSERT_EQ(TakeBoth(step), (std::array<int, kRacers>{0, 0}));
    step.kind = RaceStep::Kind::kWriteAndClose;
    const auto told = TakeBoth(step);
    ASSERT_TRUE((told == std::array<int, kRacers>{0, ESTALE}) || (told == std::array<int, kRacers>{ESTALE, 0}))
        << told[0] << " " << told[1];
    for (uint32_t racer = 0; racer < kRacers; ++racer) {
      const auto keys = KeysOf(name, ContentOf(racer, step));
      ASSERT_EQ(keys.size(), 1U) << "racer " << racer << " was told " << told[racer];
      ASSERT_EQ(keys.front() == name, told[racer] == 0) << keys.front();
    }
  }

  static uint32_t Rounds() { return LongCampaign() ? 500 : 50; }

 private:
  struct Ends {
    FileDescriptor from;
    FileDescriptor to;
  };
  static Ends MakeEnds() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0) << "errno " << errno;
    return {.from = FileDescriptor(ends[0]), .to = FileDescriptor(ends[1])};
  }

  EmulatorProcess emulator_{{"--etag=opaque"}};
  MountProcess one_{emulator_, {"--ttl=0", "--on-conflict=keep"}};
  MountProcess other_{emulator_, {"--ttl=0", "--on-conflict=keep"}};
  Ends results_;
  std::vector<FileDescriptor> orders_;
  std::vector<pid_t> pids_;
};

TEST_F(RacingWritersTest, Pitfall25_EveryContentIsInTheBucketOnceAndTheNameIsItsWinners) {
  constexpr uint32_t kOneRequest = 100;
  constexpr uint32_t kInParts = 22 * kMiB / kIdLength;
  for (uint32_t round = 0; round < Rounds(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    // A name is made in one round and written anew in the next one.
    ASSERT_NO_FATAL_FAILURE(
        Race({.round = round, .name = round / 2, .ids = round % 25 >= 23 ? kInParts : kOneRequest}));
  }
}

}  // namespace
}  // namespace cosfuse::testing
