#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace cosfuse::testing {

/// A directory of this test's own, removed with all it holds (but never across a mount) by the destructor.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }
  /// Makes a sub-directory and returns its path.
  std::string MakeDirectory(const std::string& name) const;

 private:
  std::string path_;
};

/// How a child ended.
struct ExitStatus {
  int code = -1;           ///< Exit code; -1 when a signal ended it.
  int signal = 0;          ///< 0 when it exited by itself.
  bool timed_out = false;  ///< It did not end in time, and was killed.
};

/// A child process whose output goes to files. Killed and reaped by the destructor if it still runs.
class Subprocess {
 public:
  /// `environment` is added to this process's own. Aborts when the program cannot be started.
  Subprocess(std::vector<std::string> argv, const std::map<std::string, std::string>& environment,
             const std::string& stdout_path, const std::string& stderr_path);
  ~Subprocess();
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void Signal(int number) const;
  ExitStatus Wait(Duration timeout);

 private:
  std::optional<ExitStatus> Poll();
  pid_t pid_ = -1;
  std::optional<ExitStatus> status_;
};

/// The output of a finished command.
struct CommandResult {
  ExitStatus status;
  std::string output;
  std::string errors;
};

/// Runs a command to its end.
CommandResult RunCommand(std::vector<std::string> argv, const std::map<std::string, std::string>& environment = {},
                         Duration timeout = std::chrono::seconds(60));
/// Runs a shell script with `set -e`; `directory` is its working directory.
CommandResult RunShell(const std::string& script, const std::string& directory,
                       Duration timeout = std::chrono::seconds(60));

/// The whole of a local file; empty where there is none.
std::string ReadWholeFile(const std::string& path);
void WriteWholeFile(const std::string& path, const std::string& content);
/// Deterministic bytes that differ everywhere, for contents that are compared.
std::string PatternBytes(size_t size, uint64_t seed);

/// True when COSFUSE_LONG is set: the campaigns whose usual form is cut short run to their full length, and promises of
/// time are held to the letter. For a machine with nothing else to do.
bool LongCampaign();

/// Polls `condition` each 5 ms; false when it is not true in time.
template <typename Condition>
bool Eventually(Condition condition, Duration timeout = std::chrono::seconds(30));

/// Waits 5 ms; the pause of Eventually.
void PollPause();

template <typename Condition>
bool Eventually(Condition condition, Duration timeout) {
  const SystemClock clock;
  const MonotonicTime end = clock.Now() + timeout;
  while (!condition()) {
    if (clock.Now() >= end) return false;
    PollPause();
  }
  return true;
}

}  // namespace cosfuse::testing
