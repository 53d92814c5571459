#pragma once

#include <sys/types.h>

#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "fs/fuse/mount_point.h"

namespace cosfuse {

/// A child process that keeps the right to mount while the daemon gives it up: capabilities belong to threads, so they
/// can be dropped for a whole process only while it has one thread, long before it mounts. The child mounts once, when
/// asked, and ends; it also ends when the daemon does. Move-only.
class MountHelper {
 public:
  /// Forks: call it with one thread. The child inherits `device`, an open /dev/fuse. Errors: kUnavailable.
  static Result<MountHelper> Start(const MountParameters& parameters, FileDescriptor device);

  ~MountHelper();
  MountHelper(MountHelper&& other) noexcept
      : device_(std::move(other.device_)), socket_(std::move(other.socket_)), child_(std::exchange(other.child_, -1)) {}
  MountHelper& operator=(MountHelper&&) = delete;

  /// Mounts, and gives the descriptor out. Call it once. Errors: those of CheckMountPoint and MountFuseDevice, with
  /// their messages.
  Result<FileDescriptor> Mount();

 private:
  MountHelper(FileDescriptor device, FileDescriptor socket, pid_t child)
      : device_(std::move(device)), socket_(std::move(socket)), child_(child) {}
  void Reap();

  FileDescriptor device_;
  FileDescriptor socket_;
  pid_t child_ = -1;
};

}  // namespace cosfuse
