#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "fs/file_system.h"

namespace cosfuse {

struct FuseMountOptions {
  std::string mountpoint;
  std::string source = "cosfuse";  ///< What /proc/mounts and df show as the device: the bucket's name.
  bool allow_other = true;         ///< Other users than the mounter may enter; needs root.
  bool read_only = false;          ///< The kernel itself answers every change with EROFS.
  /// An open /dev/fuse descriptor that somebody else has mounted (or is about to); then nothing is mounted here.
  FileDescriptor device;
  unsigned workers = 0;  ///< Threads that read /dev/fuse; 0: one per processor, at least 2, at most 4.
  Duration io_timeout = std::chrono::seconds(60);         ///< Patience of an operation that makes no progress.
  Duration directory_timeout = std::chrono::seconds(20);  ///< Limit of what holds the kernel's lock on a directory.
  ByteCount read_ahead = 16 * kMiB;                       ///< How far the kernel reads ahead; set where /sys allows it.
  ByteCount read_buffers = 64 * kMiB;                     ///< Memory for the answers of reads that wait for the store.
  /// Called once, by a thread of the mount, when the kernel has ended the connection (unmounted, or aborted). Must be
  /// quick and must not call the mount.
  std::function<void()> on_unmounted;
};

/// A FileSystem as a live mount: the one class of this folder that the program uses. Owns the descriptor, the threads
/// that read it and the threads that wait for the store.
///
/// Thread-safe, but for Stop and the destructor, which nothing else may run beside. `file_system` and `clock` are
/// borrowed and must outlive it.
class FuseMount {
 public:
  /// Checks the mountpoint (CheckMountPoint: a dead mount is detached), opens /dev/fuse, mounts and answers the
  /// kernel's INIT: when it returns, programs can use the mount. On an error no mount is left. Single line messages
  /// with cause and remedy.
  ///
  /// Errors: those of fs/fuse/mount_point.h; kTimedOut when the kernel sends no INIT; kUnsupported: its protocol is too
  /// old.
  static Result<std::unique_ptr<FuseMount>> Start(FuseMountOptions options, FileSystem& file_system, Clock& clock);

  virtual ~FuseMount() = default;

  /// Takes the mount out of the tree: at once where nothing uses it, else detached (open files stay served until Stop).
  /// Does nothing when it is no longer mounted. Errors: kNotPermitted when the process has given CAP_SYS_ADMIN up.
  virtual Result<> Unmount() = 0;

  /// True when the kernel has ended the connection; waits up to `timeout` for that.
  virtual bool WaitUntilUnmounted(Duration timeout) = 0;

  /// Cancels what waits, answers it, joins all threads and closes the descriptor: whoever still uses the mount gets
  /// ENOTCONN. Does not unmount. The destructor calls it. Idempotent.
  virtual void Stop() = 0;
};

}  // namespace cosfuse
