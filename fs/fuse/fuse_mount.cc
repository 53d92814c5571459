#include "fs/fuse/fuse_mount.h"

#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "fs/fuse/dispatcher.h"
#include "fs/fuse/mount_point.h"
#include "fs/fuse/operations.h"
#include "fs/fuse/read_ahead.h"
#include "fs/fuse/session.h"

namespace cosfuse {
namespace {

/// The kernel sends INIT while it mounts.
constexpr Duration kHandshakeTimeout = std::chrono::seconds(10);
/// A message holds up to kMaxTransfer bytes after its headers.
constexpr size_t kMessageSize = kMaxTransfer + 4096;
constexpr size_t kFreeBuffers = 8;

unsigned ChooseWorkers(unsigned wanted) {
  if (wanted != 0) return wanted;
  return static_cast<unsigned>(std::clamp(sysconf(_SC_NPROCESSORS_ONLN), 2L, 4L));
}

class LiveMount final : public FuseMount {
 public:
  LiveMount(const FuseMountOptions& options, FileSystem& file_system, Clock& clock)
      : buffers_(kMessageSize, kFreeBuffers),
        dispatcher_(std::make_unique<Dispatcher>(Dispatcher::Options{.io_timeout = options.io_timeout,
                                                                     .directory_timeout = options.directory_timeout,
                                                                     .read_buffers = options.read_buffers},
                                                 file_system, clock, buffers_)) {}
  ~LiveMount() override { Stop(); }

  /// Mounts, unless the descriptor already is, and serves. Leaves no mount when it fails.
  Result<> Begin(FuseMountOptions options) {
    const bool mounts = !options.device.valid();
    if (mounts) {
      RETURN_IF_ERROR(CheckMountPoint(options.mountpoint));
      ASSIGN_OR_RETURN(options.device, OpenFuseDevice());
    }
    ASSIGN_OR_RETURN(path_, ResolveMountPoint(options.mountpoint));
    if (mounts) {
      RETURN_IF_ERROR(MountFuseDevice({.path = path_,
                                       .source = options.source,
                                       .allow_other = options.allow_other,
                                       .read_only = options.read_only,
                                       .max_read = kMaxTransfer},
                                      options.device));
    }
    auto served = Serve(options);
    if (!served && mounts) return TakeBack(served.error());
    return served;
  }

  Result<> Unmount() override {
    const auto mount = GetMount(path_);
    if (!mount || mount->device != device_number_) return {};
    return UnmountSurely(path_);
  }

  bool WaitUntilUnmounted(Duration timeout) override {
    return session_ == nullptr || session_->WaitUntilEnded(timeout);
  }

  void Stop() override {
    if (session_ != nullptr) session_->StopReading();
    dispatcher_.reset();  // Runs every request to its end; each is answered through the session.
    session_.reset();
  }

 private:
  std::unexpected<Error> TakeBack(const Error& error) const {
    const auto unmounted = cosfuse::Unmount(path_, UnmountMode::kDetached);
    if (unmounted) return Fail(error);
    return Fail(Error(error.code(), error.message() + " Also: " + unmounted.error().message()));
  }

  Result<> Serve(FuseMountOptions& options) {
    ASSIGN_OR_RETURN(session_, Session::Create(std::move(options.device), *dispatcher_));
    RETURN_IF_ERROR(session_->Handshake(kHandshakeTimeout));
    if (const auto mount = GetMount(path_)) {
      device_number_ = mount->device;
      if (!SetReadAhead(device_number_, options.read_ahead)) {
        Log(LogLevel::kDebug, "the kernel's read-ahead cannot be set", {{"mountpoint", path_}});
      }
    }
    session_->Start(ChooseWorkers(options.workers), std::move(options.on_unmounted));
    return {};
  }

  std::string path_;
  std::string device_number_;
  BufferPool buffers_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Session> session_;
};

}  // namespace

Result<std::unique_ptr<FuseMount>> FuseMount::Start(FuseMountOptions options, FileSystem& file_system, Clock& clock) {
  auto mount = std::make_unique<LiveMount>(options, file_system, clock);
  RETURN_IF_ERROR(mount->Begin(std::move(options)));
  return mount;
}

}  // namespace cosfuse
