#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

constexpr size_t kProcesses = 50;

/// A system call that all processes make at the same time. A plain value: it travels through a pipe in one piece.
struct ExclusiveCall {
  enum class Kind : uint8_t { kOpen, kClose, kMakeDirectory };
  Kind kind = Kind::kOpen;
  std::array<char, 40> name{};  ///< Below the mountpoint.
};

/// What came of it in one process.
struct ExclusiveOutcome {
  uint32_t process = 0;
  int error = 0;  ///< 0: it succeeded.
};

ExclusiveCall CallOf(ExclusiveCall::Kind kind, const std::string& name) {
  ExclusiveCall call{.kind = kind};
  std::snprintf(call.name.data(), call.name.size(), "%s", name.c_str());
  return call;
}

/// Makes calls by order until the pipe is closed. Runs in a forked child, so it does nothing but system calls.
class ExclusiveCaller {
 public:
  ExclusiveCaller(uint32_t process, const char* mountpoint) : process_(process), mountpoint_(mountpoint) {}

  [[noreturn]] void Run(int orders, int outcomes) {
    for (ExclusiveCall call; read(orders, &call, sizeof(call)) == sizeof(call);) {
      const ExclusiveOutcome outcome{.process = process_, .error = Make(call)};
      if (write(outcomes, &outcome, sizeof(outcome)) != sizeof(outcome)) break;
    }
    _exit(0);
  }

 private:
  /// A close without an open that succeeded counts as done by nobody: EBADF.
  int Make(const ExclusiveCall& call) {
    std::array<char, 512> path{};
    std::snprintf(path.data(), path.size(), "%s/%s", mountpoint_, call.name.data());
    switch (call.kind) {
      case ExclusiveCall::Kind::kOpen:
        fd_ = open(path.data(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
        if (fd_ < 0) return errno;
        return write(fd_, &process_, sizeof(process_)) == sizeof(process_) ? 0 : errno;
      case ExclusiveCall::Kind::kClose: return close(std::exchange(fd_, -1)) == 0 ? 0 : errno;
      case ExclusiveCall::Kind::kMakeDirectory: return mkdir(path.data(), 0755) == 0 ? 0 : errno;
    }
    return EINVAL;
  }

  const uint32_t process_;
  const char* const mountpoint_;
  int fd_ = -1;
};

/// Fifty processes, every second one on the other of two mounts of one bucket.
class ExclusiveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    outcomes_ = MakePipe();
    for (uint32_t i = 0; i < kProcesses; ++i) {
      Pipe orders = MakePipe();
      const std::string& mountpoint = (i % 2 == 0 ? one_ : other_).mountpoint();
      const pid_t pid = fork();
      ASSERT_GE(pid, 0) << "errno " << errno;
      if (pid == 0) {
        // Only the parent may hold the ends that order: their closing ends all.
        orders.to.Close();
        for (FileDescriptor& earlier : orders_) earlier.Close();
        ExclusiveCaller(i, mountpoint.c_str()).Run(orders.from.get(), outcomes_.to.get());
      }
      pids_.push_back(pid);
      orders_.push_back(std::move(orders.to));
    }
    outcomes_.to.Close();
  }

  void TearDown() override {
    orders_.clear();
    for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
  }

  /// The results of one call by all of them at the same time: by process.
  std::vector<int> All(ExclusiveCall::Kind kind, const std::string& name) {
    const ExclusiveCall call = CallOf(kind, name);
    for (const FileDescriptor& order : orders_)
      EXPECT_EQ(write(order.get(), &call, sizeof(call)), ssize_t{sizeof(call)});
    std::vector<int> errors(kProcesses, -1);
    for (size_t i = 0; i < kProcesses; ++i) {
      ExclusiveOutcome outcome;
      const ssize_t length = read(outcomes_.from.get(), &outcome, sizeof(outcome));
      EXPECT_EQ(length, ssize_t{sizeof(outcome)}) << "a process has died";
      if (length != ssize_t{sizeof(outcome)}) break;
      errors[outcome.process] = outcome.error;
    }
    return errors;
  }

  static std::vector<uint32_t> With(const std::vector<int>& errors, int error) {
    std::vector<uint32_t> processes;
    for (uint32_t i = 0; i < errors.size(); ++i) {
      if (errors[i] == error) processes.push_back(i);
    }
    return processes;
  }

  static std::string BytesOf(uint32_t process) {
    std::string bytes(sizeof(process), '\0');
    std::memcpy(bytes.data(), &process, sizeof(process));
    return bytes;
  }

  static int Rounds() { return LongCampaign() ? 1000 : 30; }

  EmulatorProcess emulator_;

 private:
  struct Pipe {
    FileDescriptor from;
    FileDescriptor to;
  };
  static Pipe MakePipe() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0) << "errno " << errno;
    return {.from = FileDescriptor(ends[0]), .to = FileDescriptor(ends[1])};
  }

  MountProcess one_{emulator_};
  MountProcess other_{emulator_};
  Pipe outcomes_;
  std::vector<FileDescriptor> orders_;
  std::vector<pid_t> pids_;
};

TEST_F(ExclusiveTest, Pitfall33_OfFiftyProcessesOnTwoMountsOneOpensTheLock) {
  for (int round = 0; round < Rounds(); ++round) {
    const std::string name = "round-" + std::to_string(round) + ".lock";
    const std::vector<int> opened = All(ExclusiveCall::Kind::kOpen, name);
    const std::vector<uint32_t> winners = With(opened, 0);
    ASSERT_EQ(winners.size(), 1U) << name;
    ASSERT_EQ(With(opened, EEXIST).size(), kProcesses - 1) << name;
    ASSERT_EQ(With(All(ExclusiveCall::Kind::kClose, name), 0), winners) << name;
    ASSERT_EQ(emulator_.FetchObject(name).body, BytesOf(winners[0])) << name;
  }
  EXPECT_EQ(emulator_.Keys().size(), static_cast<size_t>(Rounds())) << "nothing lies beside the locks";
}

TEST_F(ExclusiveTest, Pitfall33_OfFiftyProcessesOnTwoMountsOneClosesAnotherName) {
  for (int round = 0; round < Rounds(); ++round) {
    const std::string name = "round-" + std::to_string(round);
    const std::vector<int> opened = All(ExclusiveCall::Kind::kOpen, name);
    const std::vector<uint32_t> openers = With(opened, 0);
    // Neither mount has stored anything yet: each lets one of its own in.
    ASSERT_EQ(openers.size(), 2U) << name;
    ASSERT_NE(openers[0] % 2, openers[1] % 2) << name;
    ASSERT_EQ(With(opened, EEXIST).size(), kProcesses - 2) << name;
    const std::vector<int> closed = All(ExclusiveCall::Kind::kClose, name);
    const std::vector<uint32_t> winners = With(closed, 0);
    ASSERT_EQ(winners.size(), 1U) << name;
    ASSERT_EQ(With(closed, ESTALE).size(), 1U) << name;
    ASSERT_EQ(emulator_.FetchObject(name).body, BytesOf(winners[0])) << name;
  }
  EXPECT_EQ(emulator_.Keys().size(), 2 * static_cast<size_t>(Rounds())) << "the losers' bytes are kept beside";
}

TEST_F(ExclusiveTest, Pitfall33_OfFiftyProcessesOnTwoMountsOneMakesTheDirectory) {
  for (int round = 0; round < Rounds(); ++round) {
    const std::string name = "round-" + std::to_string(round);
    const std::vector<int> made = All(ExclusiveCall::Kind::kMakeDirectory, name);
    ASSERT_EQ(With(made, 0).size(), 1U) << name;
    ASSERT_EQ(With(made, EEXIST).size(), kProcesses - 1) << name;
  }
  EXPECT_EQ(emulator_.Keys().size(), static_cast<size_t>(Rounds()));
}

/// The two mounts of the tests below, with names that the user has chosen.
class ExclusiveOptionTest : public ::testing::Test {
 protected:
  static int ExclusiveOpen(const MountProcess& mount, const std::string& name, FileDescriptor& fd) {
    fd = FileDescriptor(open(mount.Path(name).c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
    return ErrnoOf(fd.get());
  }

  EmulatorProcess emulator_;
};

TEST_F(ExclusiveOptionTest, NamesOfThePatternsAreDecidedAtTheOpen) {
  const std::vector<std::string> patterns = {"--exclusive-create", "*.mutex"};
  const MountProcess one(emulator_, patterns);
  const MountProcess other(emulator_, patterns);
  FileDescriptor winner;
  FileDescriptor loser;
  EXPECT_EQ(ExclusiveOpen(one, "a.mutex", winner), 0);
  EXPECT_EQ(ExclusiveOpen(other, "a.mutex", loser), EEXIST);
  EXPECT_EQ(CloseStatus(winner), 0);
  EXPECT_EQ(ExclusiveOpen(one, "a.lock", winner), 0);
  EXPECT_EQ(ExclusiveOpen(other, "a.lock", loser), 0) << "no longer one of the names";
  EXPECT_EQ(CloseStatus(winner), 0);
  EXPECT_EQ(CloseStatus(loser), ESTALE);
}

TEST_F(ExclusiveOptionTest, AllNamesOrNone) {
  const MountProcess all(emulator_, {"--exclusive-create", "all"});
  const MountProcess none(emulator_, {"--exclusive-create", "none"});
  FileDescriptor first;
  FileDescriptor second;
  EXPECT_EQ(ExclusiveOpen(all, "any name", first), 0);
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"any name"}) << "before the close";
  EXPECT_EQ(CloseStatus(first), 0);
  EXPECT_EQ(ExclusiveOpen(none, "b.lock", second), 0);
  EXPECT_EQ(emulator_.Keys(), std::vector<std::string>{"any name"});
  EXPECT_EQ(CloseStatus(second), 0);
  EXPECT_EQ(emulator_.Keys(), (std::vector<std::string>{"any name", "b.lock"}));
}

}  // namespace
}  // namespace cosfuse::testing
