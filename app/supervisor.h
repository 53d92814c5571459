#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_descriptor.h"

namespace cosfuse {

struct SupervisorOptions {
  std::string mountpoint;            ///< Resolved (ResolveMountPoint).
  std::vector<std::string> program;  ///< argv of what `run` starts once the mount works; empty for `mount`.
  bool background = false;           ///< The calling process returns once the mount works or has failed.
  /// How long what the program left running may still write after the program itself has ended.
  Duration orphan_grace = std::chrono::seconds(2);
};

/// The daemon's line to its supervisor. Not thread-safe: it belongs to the daemon's main thread.
class SupervisorLink {
 public:
  SupervisorLink(FileDescriptor socket, bool background);

  /// The mount works: a waiting `--background` returns, `run` starts its program. In the background, standard input
  /// and output, and standard error unless it is a file, become /dev/null. Call it once, after the last line that the
  /// caller's terminal is to see. A daemon that ends without it has failed: its exit code becomes the command's.
  void ReportReady();

  /// Has the supervisor, which kept the capabilities, unmount (detached where busy); returns when it is done.
  /// Errors: kUnavailable when the supervisor is gone, or does not answer; else what Unmount of
  /// fs/fuse/mount_point.h says.
  Result<> Unmount();

  /// When the supervisor first was asked to end (SIGTERM, SIGINT): the drain's deadline counts from then, the
  /// program's own end included. Nothing if it never was, as when the program of `run` ended by itself.
  std::optional<MonotonicTime> TerminationTime();

 private:
  FileDescriptor socket_;
  bool background_ = false;
  std::optional<MonotonicTime> termination_time_;
};

/// Splits the process in two before any thread is made. The calling one becomes the supervisor: it keeps its
/// capabilities, forwards signals, reaps whatever becomes its child, and unmounts when the daemon is gone, also after
/// SIGKILL. The other runs `daemon_main`, whose result is its exit code, with these signals blocked, to be fetched by
/// sigwait or signalfd: SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2. It leads a process group of its own, so that
/// a terminal's signals reach the supervisor alone, and gets SIGTERM when the supervisor dies.
///
/// The order of an end: the daemon gets SIGTERM; it drains, makes the file system read-only, calls
/// SupervisorLink::Unmount, and returns 0, or 3 where bytes stayed behind; the supervisor detaches the mount if it is
/// still there and returns that code (1 where the daemon was killed by a signal). An external unmount is the daemon's to
/// notice (FuseMountOptions::on_unmounted).
///
/// With `program`: forwarded signals go to the program alone; when it has ended, and what it left behind has had
/// `orphan_grace`, the daemon gets SIGTERM. Returns the program's exit status, or 128 + the signal that ended it, 127 or
/// 126 if it cannot be started; where that is 0 the daemon's code. If the daemon dies first, the program gets SIGTERM
/// and the dead mount stays under it until it has ended, so that nothing is written beside the mount.
///
/// With `background`, the caller's process is a third one, which only waits for the outcome. Returns in the supervisor
/// (and in that third process); never in the daemon. Must be called with one thread.
int RunSupervised(const SupervisorOptions& options, const std::function<int(SupervisorLink&)>& daemon_main);

}  // namespace cosfuse
