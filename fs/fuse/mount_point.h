#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "fs/fuse/mount_info.h"

namespace cosfuse {

/// The type under which mounts of ours stand in /proc/mounts; `fuse.` makes it one of the kernel's FUSE types.
inline constexpr std::string_view kFileSystemType = "fuse.cosfuse";

/// The path without symbolic links and relative parts; works for dead mounts too, and asks no FUSE file system that is
/// mounted at its end. Errors, with cause and remedy: kNotFound, kNotDirectory, kAccessDenied.
Result<std::string> ResolveMountPoint(const std::string& path);

/// Checks that `path` can be mounted over: it is an empty directory, and no cosfuse mount. A dead one is detached
/// first. Call it before anything costly; FuseMount::Start calls it again.
///
/// Errors, each with one line that names cause and remedy: kNotFound, kNotDirectory, kNotEmpty, kBusy (mounted already,
/// or in a state that forbids it), kNotPermitted, kAccessDenied.
Result<> CheckMountPoint(const std::string& path);

/// Opens /dev/fuse. Errors, with cause and remedy: kNotFound (no device node, or no module), kNotPermitted (the
/// container's devices cgroup), kAccessDenied (permissions of the node).
Result<FileDescriptor> OpenFuseDevice();

struct MountParameters {
  std::string path;
  std::string source;
  bool allow_other = true;
  bool read_only = false;
  unsigned max_read = 0;
};

/// mount(2) of an open /dev/fuse descriptor. Errors, with cause and remedy: kNotPermitted (no CAP_SYS_ADMIN, seccomp,
/// AppArmor), kUnsupported (no FUSE in the kernel), kUnavailable.
Result<> MountFuseDevice(const MountParameters& parameters, const FileDescriptor& device);

enum class UnmountMode {
  kIfIdle,    ///< kBusy while something uses the mount.
  kDetached,  ///< Out of the tree now; whoever has it open keeps it until the daemon ends.
};

/// umount2(2) of what is mounted uppermost at `path`. Never follows a symbolic link at the end and never waits for the
/// daemon of a detached mount. Errors: kNotFound (nothing mounted), kBusy, kNotPermitted.
Result<> Unmount(const std::string& path, UnmountMode mode);
/// kIfIdle, and if that is refused as busy, kDetached.
Result<> UnmountSurely(const std::string& path);

enum class Liveness {
  kLive,
  kNotMounted,  ///< No mount of ours is uppermost there.
  kDead,        ///< Its daemon is gone: ENOTCONN.
  kNoAnswer,    ///< Its daemon does not answer in time.
};
/// Whether a mount of ours at `path` answers. Asks through a child process, so that it returns within `timeout`
/// whatever the mount does; a child that the kernel will not let go of is left behind.
Liveness ProbeMount(const std::string& path, Duration timeout);
inline bool IsLiveCosfuseMount(const std::string& path, Duration timeout) {
  return ProbeMount(path, timeout) == Liveness::kLive;
}

/// Detaches dead mounts of ours at `path`, one above another; true if there was one. Never touches a live one.
bool DetachDeadMounts(const std::string& path);

}  // namespace cosfuse
