#pragma once

#include "app/mount_options.h"
#include "app/supervisor.h"

namespace cosfuse {

/// The daemon's main function, in a process with one thread and the rights of whoever started it: checks the
/// mountpoint, gives up what rights it does not need, starts the mount, serves it until SIGTERM, SIGINT or an unmount
/// from outside, drains, and returns the exit code. A failure before the mount is one line on standard error, with no
/// mount left.
///
/// `options.mountpoint` is resolved.
int RunDaemon(const MountOptions& options, SupervisorLink& link);

}  // namespace cosfuse
