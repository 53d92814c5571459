#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/emulator_process.h"
#include "tests/support/subprocess.h"

namespace cosfuse::testing {

/// A real mount by a real `cosfuse mount`, of the emulator's bucket, in a directory of its own. The constructor returns
/// when the mount works and aborts the test process (with the daemon's log) when it does not. The destructor ends it by
/// SIGTERM and, should a test have broken it, detaches the mountpoint.
class MountProcess {
 public:
  /// `environment` is added to that of a pod.
  explicit MountProcess(const EmulatorProcess& emulator, const std::vector<std::string>& options = {},
                        const std::map<std::string, std::string>& environment = {});
  ~MountProcess();

  /// A path below the mountpoint.
  std::string Path(const std::string& name) const { return mountpoint_ + "/" + name; }
  const std::string& mountpoint() const { return mountpoint_; }
  Subprocess& process() { return *process_; }
  /// What the present process has said.
  std::string Log() const { return ReadWholeFile(directory_.path() + "/log"); }
  bool mounted() const;
  /// The daemon, a child of `process()`. Starts no process to find it: that would close what this one has open in the
  /// mount, and so store it. 0: there is none.
  pid_t DaemonPid() const;
  /// Where it keeps what is not in the bucket.
  const std::string& cache_directory() const { return cache_directory_; }
  /// SIGKILL to the daemon, at whatever it is; returns when nothing is mounted any more.
  void Kill();
  /// Starts another one with the same options, in the place of one that has ended.
  void Restart();
  /// The same with more environment; false when it ended before it was mounted.
  bool TryRestart(const std::map<std::string, std::string>& environment);
  /// SIGTERM, and how it ended.
  ExitStatus Terminate(Duration timeout = std::chrono::seconds(40));

 private:
  TemporaryDirectory directory_;
  std::string mountpoint_;
  std::string cache_directory_;
  std::vector<std::string> arguments_;
  std::map<std::string, std::string> environment_;
  std::unique_ptr<Subprocess> process_;
};

/// Whether something is mounted at `path` (by /proc/self/mountinfo: never touches it).
bool IsMountPoint(const std::string& path);

}  // namespace cosfuse::testing
