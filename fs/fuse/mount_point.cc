#include "fs/fuse/mount_point.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/disk.h"

namespace cosfuse {
namespace {

constexpr char kFuseDevice[] = "/dev/fuse";
/// A live daemon answers statfs from memory; one that does not within this time is as good as busy.
constexpr Duration kProbeTimeout = std::chrono::seconds(5);

struct DirectoryCloser {
  void operator()(DIR* directory) const { closedir(directory); }
};

std::string Quoted(const std::string& path) { return "'" + path + "'"; }

std::unexpected<Error> FailAtPath(int error, const std::string& path) {
  switch (error) {
    case ENOENT:
      return Fail(ErrorCode::kNotFound, "mountpoint " + Quoted(path) + " does not exist. Create it first (mkdir -p).");
    case ENOTDIR:
      return Fail(ErrorCode::kNotDirectory,
                  "mountpoint " + Quoted(path) + " is not a directory. Give an empty directory.");
    case EACCES:
      return Fail(
          ErrorCode::kAccessDenied,
          "mountpoint " + Quoted(path) + " cannot be reached: permission denied. Run as a user who may enter it.");
    default: return Fail(ErrorFromErrno(error, "mountpoint " + Quoted(path)));
  }
}

/// realpath(3), or the errno.
std::expected<std::string, int> RealPath(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(realpath(path.c_str(), nullptr), &std::free);
  if (resolved == nullptr) return std::unexpected(errno);
  return std::string(resolved.get());
}

Result<> CheckEmptyDirectory(const std::string& path) {
  struct stat attributes;
  if (stat(path.c_str(), &attributes) != 0) return FailAtPath(errno, path);
  if (!S_ISDIR(attributes.st_mode)) return FailAtPath(ENOTDIR, path);
  const std::unique_ptr<DIR, DirectoryCloser> directory(opendir(path.c_str()));
  if (directory == nullptr) return FailAtPath(errno, path);
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    return Fail(ErrorCode::kNotEmpty, "mountpoint " + Quoted(path) + " is not empty (it holds " +
                                          Quoted(std::string(name)) + "). Give an empty directory.");
  }
  return {};
}

}  // namespace

Result<std::string> ResolveMountPoint(const std::string& path) {
  if (auto resolved = RealPath(path)) {
    return *resolved;
  } else if (resolved.error() != ENOTCONN) {
    return FailAtPath(resolved.error(), path);
  }
  // A dead mount at the end of the path: its parent can still be resolved.
  std::string trimmed = path;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  const size_t slash = trimmed.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : trimmed.substr(0, slash + 1);
  const auto directory = RealPath(parent);
  if (!directory) return FailAtPath(directory.error(), path);
  return (*directory == "/" ? "" : *directory) + "/" + trimmed.substr(slash == std::string::npos ? 0 : slash + 1);
}

Result<> CheckMountPoint(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string resolved, ResolveMountPoint(path));
  const bool detached = DetachDeadMounts(resolved);
  switch (ProbeMount(resolved, kProbeTimeout)) {
    case Liveness::kNotMounted: break;
    case Liveness::kLive:
      return Fail(ErrorCode::kBusy, "a cosfuse mount is already at " + Quoted(resolved) +
                                        ". Unmount it first (cosfuse unmount), or give another mountpoint.");
    case Liveness::kNoAnswer:
      return Fail(ErrorCode::kBusy, "a cosfuse mount at " + Quoted(resolved) +
                                        " does not answer. End its daemon, or detach it (umount -l).");
    case Liveness::kDead:
      return Fail(detached ? ErrorCode::kBusy : ErrorCode::kNotPermitted,
                  "a dead cosfuse mount at " + Quoted(resolved) +
                      " cannot be detached: CAP_SYS_ADMIN is needed. Run privileged, or detach it (umount -l).");
  }
  return CheckEmptyDirectory(resolved);
}

Result<FileDescriptor> OpenFuseDevice() {
  FileDescriptor device(open(kFuseDevice, O_RDWR | O_CLOEXEC));
  if (device.valid()) return device;
  switch (errno) {
    case ENOENT:
      return Fail(ErrorCode::kNotFound,
                  "/dev/fuse does not exist. Give the container the device (privileged: true, or --device /dev/fuse).");
    case ENODEV:
    case ENXIO: return Fail(ErrorCode::kNotFound, "the kernel has no FUSE. Load it on the node (modprobe fuse).");
    case EPERM:
      return Fail(ErrorCode::kNotPermitted,
                  "/dev/fuse is forbidden by the container's devices cgroup. Run the container with privileged: true.");
    case EACCES:
      return Fail(ErrorCode::kAccessDenied,
                  "/dev/fuse: permission denied. Run as root, or let this user read and write it.");
    default: return Fail(ErrorFromErrno(errno, kFuseDevice));
  }
}

Result<> MountFuseDevice(const MountParameters& parameters, const FileDescriptor& device) {
  // The root's mode only tells the kernel that it is a directory; INIT and GETATTR bring the rest.
  std::string options = "fd=" + std::to_string(device.get()) + ",rootmode=40000,user_id=" + std::to_string(geteuid()) +
                        ",group_id=" + std::to_string(getegid()) + ",default_permissions";
  if (parameters.allow_other) options += ",allow_other";
  if (parameters.max_read != 0) options += ",max_read=" + std::to_string(parameters.max_read);
  const unsigned long flags = MS_NOSUID | MS_NODEV | (parameters.read_only ? MS_RDONLY : 0);
  const std::string type(kFileSystemType);
  if (mount(parameters.source.c_str(), parameters.path.c_str(), type.c_str(), flags, options.c_str()) == 0) return {};
  switch (errno) {
    case EPERM:
      return Fail(ErrorCode::kNotPermitted, "not permitted to mount at " + Quoted(parameters.path) +
                                                ": CAP_SYS_ADMIN is missing. Run as root in a privileged container.");
    case EACCES:
      return Fail(ErrorCode::kNotPermitted,
                  "mounting at " + Quoted(parameters.path) +
                      " is refused by AppArmor or SELinux. Run the container with privileged: true.");
    case ENODEV: return Fail(ErrorCode::kUnsupported, "the kernel has no FUSE. Load it on the node (modprobe fuse).");
    default: return Fail(ErrorFromErrno(errno, "mounting at " + Quoted(parameters.path)));
  }
}

Result<> Unmount(const std::string& path, UnmountMode mode) {
  const int flags = UMOUNT_NOFOLLOW | (mode == UnmountMode::kDetached ? MNT_DETACH : 0);
  if (umount2(path.c_str(), flags) == 0) return {};
  switch (errno) {
    case EINVAL:
    case ENOENT: return Fail(ErrorCode::kNotFound, "nothing is mounted at " + Quoted(path) + ".");
    case EBUSY:
      return Fail(ErrorCode::kBusy, "the mount at " + Quoted(path) + " is in use. Close what uses it (fuser -m).");
    case EPERM:
      return Fail(ErrorCode::kNotPermitted, "not permitted to unmount: CAP_SYS_ADMIN is missing. Run as root.");
    default: return Fail(ErrorFromErrno(errno, "unmounting " + Quoted(path)));
  }
}

Result<> UnmountSurely(const std::string& path) {
  auto result = Unmount(path, UnmountMode::kIfIdle);
  if (!result && result.error().code() == ErrorCode::kBusy) return Unmount(path, UnmountMode::kDetached);
  return result;
}

bool DetachDeadMounts(const std::string& path) {
  bool any = false;
  while (ProbeMount(path, kProbeTimeout) == Liveness::kDead) {
    if (!Unmount(path, UnmountMode::kDetached)) break;
    any = true;
  }
  return any;
}

}  // namespace cosfuse
