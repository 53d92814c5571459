#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fs/fuse/fake_file_system.h"
#include "fs/fuse/fuse_mount.h"

namespace cosfuse {

/// The errno of a call that failed, else 0.
inline int ErrnoOf(long result) { return result < 0 ? errno : 0; }

/// A directory that is removed again, with what is mounted there.
class ScratchMountpoint {
 public:
  ScratchMountpoint();
  ~ScratchMountpoint();
  ScratchMountpoint(const ScratchMountpoint&) = delete;
  ScratchMountpoint& operator=(const ScratchMountpoint&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A child process of a test. All use of a mount happens in children: a thread of the serving process that waits for
/// its own mount could never be killed. Killed and reaped by the destructor.
class Child {
 public:
  /// Runs `body` and exits with its result. The child holds no descriptor of the parent's but the standard ones.
  explicit Child(const std::function<int()>& body);
  ~Child();
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal_number) const;
  /// The exit code (128 + signal when killed), or -1 when it still runs after `timeout`.
  int Wait(Duration timeout = std::chrono::seconds(20));

 private:
  pid_t pid_;
};

/// Waits until `condition` holds; false when it does not within some seconds.
bool Eventually(const std::function<bool()>& condition, Duration timeout = std::chrono::seconds(20));

/// A live mount of a FakeFileSystem.
class FuseTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  std::string Path(const std::string& name) const { return mountpoint_.path() + "/" + name; }
  /// The exit code of `body` in a child.
  static int InChild(const std::function<int()>& body) { return Child(body).Wait(); }

  SystemClock clock_;
  FakeFileSystem files_{clock_};
  ScratchMountpoint mountpoint_;
  std::unique_ptr<FuseMount> mount_;
};

}  // namespace cosfuse
