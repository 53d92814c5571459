#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/file_descriptor.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "fs/fuse/dispatcher.h"
#include "fs/fuse/libfuse.h"

namespace cosfuse {

/// One connection with the kernel: owns the /dev/fuse descriptor and the threads that read it, each of which takes a
/// message, has libfuse decode it, and goes on to the next.
///
/// The descriptor is read without libfuse, so that the threads can be ended without any privilege, that INTERRUPT is
/// handled here (a request's number is all that is needed), and that a write may keep the buffer it came in.
///
/// Thread-safe after Start. `dispatcher` is borrowed; it must outlive the session's threads, and the session must
/// outlive every request that the dispatcher still carries out.
class Session {
 public:
  /// Errors: kInternal when libfuse refuses.
  static Result<std::unique_ptr<Session>> Create(FileDescriptor device, Dispatcher& dispatcher);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  static Dispatcher& DispatcherOf(fuse_req_t request) {
    return static_cast<Session*>(fuse_req_userdata(request))->dispatcher_;
  }

  /// Answers the kernel's INIT. Errors: kTimedOut, kUnsupported (the kernel's protocol is too old), kUnavailable.
  Result<> Handshake(Duration timeout);

  /// Starts the threads. `on_end` runs once, in the last of them, when the kernel has ended the connection.
  void Start(unsigned workers, std::function<void()> on_end);
  /// Ends and joins the threads; requests that are not read yet stay unanswered until the session is destroyed.
  void StopReading();
  /// True when the kernel has ended the connection.
  bool WaitUntilEnded(Duration timeout) EXCLUDES(mutex_);

  /// Called by libfuse's INIT operation.
  void SetInitialized() { initialized_ = true; }

 private:
  enum class Receipt { kMessage, kStopped, kEnded };

  Session(int device, FileDescriptor stop_event, Dispatcher& dispatcher);

  void WorkerLoop() EXCLUDES(mutex_);
  /// Waits on `events` (an epoll descriptor) for the next message. kEnded: the kernel has closed the connection.
  Receipt Receive(int events, std::span<std::byte> buffer, size_t& size);
  void Process(BufferPool::Buffer& buffer, size_t size);
  /// Has the kernel ask again: the interrupted request has been read, but is not known yet.
  void RepeatInterrupt(uint64_t unique);

  static ssize_t WriteReply(int device, iovec* parts, int count, void* userdata);
  static ssize_t RefuseToRead(int device, void* buffer, size_t size, void* userdata);

  struct SessionDeleter {
    void operator()(fuse_session* session) const { fuse_session_destroy(session); }
  };

  // Constant after Create and Handshake.
  const int device_;  ///< Owned by session_.
  const FileDescriptor stop_event_;
  Dispatcher& dispatcher_;
  std::unique_ptr<fuse_session, SessionDeleter> session_;
  bool initialized_ = false;
  std::optional<uint32_t> init_offer_;  ///< The kernel's flags while its INIT is being answered.
  std::function<void()> on_end_;

  // Synchronised by themselves.
  std::atomic<bool> stopping_ = false;
  std::atomic<unsigned> reading_ = 0;

  Mutex mutex_;
  CondVar changed_;
  bool ended_ GUARDED_BY(mutex_) = false;

  std::vector<Thread> workers_;
};

}  // namespace cosfuse
