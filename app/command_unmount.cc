#include <signal.h>

#include <iostream>

#include "app/commands.h"
#include "app/mount_record.h"
#include "base/clock.h"
#include "base/op_context.h"
#include "fs/fuse/mount_point.h"

namespace cosfuse {
namespace {

constexpr Duration kUnmountPollInterval = std::chrono::milliseconds(20);

/// The daemon sends what is left (a close that was interrupted goes on in the background) and ends, within its drain
/// deadline: it is waited for without one of our own.
int WaitForDaemon(const MountRecordReader& record) {
  SystemClock clock;
  while (record.daemon_running()) static_cast<void>(clock.Sleep(OpContext(), kUnmountPollInterval));
  const std::optional<bool> clean = record.clean();
  if (clean == true) return kExitOk;
  if (clean == false) return PrintFailure("bytes stayed behind. The log of cosfuse mount names them", kExitBytesLeft);
  return PrintFailure("the daemon ended unexpectedly. Look at the log of cosfuse mount");
}

}  // namespace

int RunUnmountCommand(const UnmountCommand& command) {
  const Result<std::string> path = ResolveMountPoint(command.mountpoint);
  if (!path) return PrintFailure(path.error().message());
  const std::optional<MountEntry> mount = GetMount(*path);
  if (!mount || mount->type != kFileSystemType) {
    return PrintFailure(*path + " is not a mount of cosfuse. See /proc/mounts for what is mounted where");
  }
  if (DetachDeadMounts(*path)) return kExitOk;
  const std::optional<MountRecordReader> record = MountRecordReader::Open(*path);
  const Result<> unmounted = Unmount(*path, command.force ? UnmountMode::kDetached : UnmountMode::kIfIdle);
  if (!unmounted && unmounted.error().code() == ErrorCode::kBusy) {
    return PrintFailure(*path + " is in use. Close what is open there (fuser -m " + *path +
                        " shows it), or detach it with --force");
  }
  if (!unmounted) return PrintFailure(unmounted.error().message());
  if (!record || !record->daemon_running()) return kExitOk;
  // A detached mount lives on while files are open: its daemon has to be told.
  if (command.force && record->daemon() > 0) kill(record->daemon(), SIGTERM);
  return WaitForDaemon(*record);
}

}  // namespace cosfuse
