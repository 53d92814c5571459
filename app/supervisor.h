#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/supervisor_link.h"
#include "base/clock.h"

namespace cosfuse {

struct SupervisorOptions {
  std::string mountpoint;            ///< Resolved (ResolveMountPoint).
  std::vector<std::string> program;  ///< argv of what `run` starts once the mount works; empty for `mount`.
  bool background = false;           ///< The calling process returns once the mount works or has failed.
  /// How long what the program left running may still write after the program itself has ended.
  Duration orphan_grace = std::chrono::seconds(2);
};

/// Splits the process in two before any thread is made. The calling one becomes the supervisor: it keeps its
/// capabilities, forwards signals, reaps whatever becomes its child, and unmounts when the daemon is gone, also after
/// SIGKILL. The other runs `daemon_main`, whose result is its exit code, with these signals blocked, to be fetched by
/// sigwait or signalfd: SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2. It leads a process group of its own, so
/// that a terminal's signals reach the supervisor alone, and gets SIGTERM when the supervisor dies.
///
/// The order of an end: the daemon gets SIGTERM; it drains, makes the file system read-only, calls
/// SupervisorLink::Unmount, and returns 0, or 3 where bytes stayed behind; the supervisor detaches the mount if it is
/// still there and returns that code (1 where the daemon was killed by a signal). An external unmount is the daemon's
/// to notice (FuseMountOptions::on_unmounted).
///
/// With `program`: forwarded signals go to the program alone; when it has ended, and what it left behind has had
/// `orphan_grace`, the daemon gets SIGTERM. Returns the program's exit status, or 128 + the signal that ended it, 127
/// or 126 if it cannot be started; where that is 0 the daemon's code. If the daemon dies first, the program gets
/// SIGTERM and the dead mount stays under it until it has ended, so that nothing is written beside the mount.
///
/// With `background`, the caller's process is a third one, which only waits for the outcome. Returns in the supervisor
/// (and in that third process); never in the daemon. Must be called with one thread.
int RunSupervised(const SupervisorOptions& options, const std::function<int(SupervisorLink&)>& daemon_main);

}  // namespace cosfuse
