#include <algorithm>

#include "app/commands.h"
#include "base/clock.h"
#include "base/op_context.h"
#include "fs/fuse/mount_point.h"

namespace cosfuse {
namespace {

constexpr Duration kWaitPollInterval = std::chrono::milliseconds(100);
/// A probe may hang in a mount that does not answer.
constexpr Duration kProbeLimit = std::chrono::seconds(2);

std::string_view Describe(Liveness liveness) {
  switch (liveness) {
    case Liveness::kLive: return "is mounted";
    case Liveness::kNotMounted: return "is not mounted";
    case Liveness::kDead: return "is a mount whose daemon is gone";
    case Liveness::kNoAnswer: return "is mounted but does not answer";
  }
  return "is in an unknown state";
}

}  // namespace

int RunWaitCommand(const WaitCommand& command) {
  SystemClock clock;
  const MonotonicTime deadline = clock.Now() + command.timeout;
  while (true) {
    // Resolved each time: the mountpoint itself may not be there yet.
    const Result<std::string> path = ResolveMountPoint(command.mountpoint);
    const Duration left = std::max<Duration>(deadline - clock.Now(), kWaitPollInterval);
    const Liveness liveness = path ? ProbeMount(*path, std::min(left, kProbeLimit)) : Liveness::kNotMounted;
    if (liveness == Liveness::kLive) return kExitOk;
    if (clock.Now() >= deadline) {
      return PrintFailure(
          command.mountpoint + " " + std::string(Describe(liveness)) +
          ", and the time to wait is over. Look at the log of cosfuse mount, or wait longer by --timeout");
    }
    static_cast<void>(clock.Sleep(OpContext(), std::min(kWaitPollInterval, left)));
  }
}

}  // namespace cosfuse
