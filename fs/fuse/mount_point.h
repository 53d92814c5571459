#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_descriptor.h"

namespace cosfuse {

/// The type under which mounts of ours stand in /proc/mounts; `fuse.` makes it one of the kernel's FUSE types.
inline constexpr std::string_view kFileSystemType = "fuse.cosfuse";

/// One line of /proc/self/mountinfo.
/// Source: proc_pid_mountinfo(5).
struct MountEntry {
  std::string device;  ///< "major:minor".
  std::string path;    ///< Where it is mounted, unescaped.
  std::string type;
  std::string source;
};

/// Reads the text of a mountinfo file. Lines that make no sense are left out. Pure.
std::vector<MountEntry> ParseMountInfo(std::string_view text);
/// The uppermost mount exactly at `path`; nothing where none is. Pure.
std::optional<MountEntry> FindMount(const std::vector<MountEntry>& mounts, std::string_view path);
/// The uppermost mount at `path`, as the kernel has it now. Never asks the mounted file system.
std::optional<MountEntry> GetMount(const std::string& path);

/// The path without symbolic links and relative parts; works for dead mounts too and never asks a mounted FUSE file
/// system at its end. Errors: kNotFound, kNotDirectory, kAccessDenied.
Result<std::string> ResolveMountPoint(const std::string& path);

/// Checks that `path` can be mounted over: it exists, is an empty directory, and nothing is mounted there. A dead mount
/// of ours is detached first. Call it before anything costly; Start of the mount calls it again.
///
/// Errors, each with one line that names cause and remedy: kNotFound, kNotDirectory, kNotEmpty, kBusy (something is
/// mounted there), kNotPermitted, kAccessDenied.
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

/// True when a FUSE mount stands at `path` whose daemon is gone (ENOTCONN).
bool IsDeadMount(const std::string& path);
/// Detaches dead mounts of ours at `path`, one above another; true if there was one. Never touches a live one.
bool DetachDeadMounts(const std::string& path);

enum class Liveness { kLive, kNotMounted, kDead, kNoAnswer };
/// Whether a mount of ours at `path` answers. Asks through a child process, so that it returns within `timeout` whatever
/// the mount does; a child that the kernel will not let go of is left behind.
Liveness ProbeMount(const std::string& path, Duration timeout);
inline bool IsLiveCosfuseMount(const std::string& path, Duration timeout) {
  return ProbeMount(path, timeout) == Liveness::kLive;
}

}  // namespace cosfuse
