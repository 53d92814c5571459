#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/thread_pool.h"
#include "fs/fuse/byte_gate.h"
#include "fs/fuse/request.h"
#include "fs/fuse/request_tracker.h"

namespace cosfuse {

/// Decides which thread carries a request out. The threads that read /dev/fuse never wait: they answer what can be
/// answered at once and hand the rest on, to one pool for what waits for the store, to another for local work, so that
/// stalled reads hold up no writes.
///
/// Thread-safe. `file_system`, `clock` and `buffers` are borrowed and must outlive it.
class Dispatcher {
 public:
  struct Options {
    Duration io_timeout;
    Duration directory_timeout;
    ByteCount read_buffers;
  };

  /// What ends a request that takes long.
  enum class Limit {
    kProgress,           ///< io_timeout without progress.
    kDirectory,          ///< directory_timeout in all: the kernel holds a directory's lock meanwhile.
    kDirectoryProgress,  ///< directory_timeout without progress: the lock is held, but the work may be long.
  };

  /// Carries a request out and answers it: true. Or false, having done nothing, when the context forbids to wait.
  using Job = std::function<bool(const OpContext&)>;

  Dispatcher(Options options, FileSystem& file_system, Clock& clock, BufferPool& buffers);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  FileSystem& file_system() { return file_system_; }
  Clock& clock() { return clock_; }
  BufferPool& buffers() { return buffers_; }

  /// At once in this thread; if it would have to wait, in the network pool.
  void TryHere(const Request& request, Limit limit, Job job);
  /// In the local pool; if it would have to wait for the store, in the network pool.
  void TryLocally(const Request& request, Limit limit, Job job);
  /// In the local pool, where it may wait, but not for the store.
  void RunLocally(const Request& request, Job job);
  /// In the local pool, even if the caller dies before it begins.
  void RunLocallyForDying(const Request& request, Job job);
  /// In the network pool.
  void RunOnNetwork(const Request& request, Limit limit, Job job);
  /// At once in this thread; else in the network pool as soon as there is memory for an answer of `size` bytes.
  void TryReading(const Request& request, ByteCount size, Job job);

  /// See RequestTracker::Interrupt.
  bool Interrupt(uint64_t unique) { return tracker_.Interrupt(unique); }

  /// Cancels what runs and answers what waits. What comes later is answered with EINTR.
  void CancelAll() { tracker_.CancelAll(); }

  /// Makes a Job of `call(context)`, which returns a Result, and `answer(request, result)`.
  template <typename Call, typename Answer>
  static Job MakeJob(const Request& request, Call call, Answer answer) {
    return [request, call = std::move(call), answer = std::move(answer)](const OpContext& context) {
      auto result = call(context);
      if (!result && result.error().code() == ErrorCode::kWouldWait && !context.may_wait()) return false;
      answer(request, std::move(result));
      return true;
    };
  }

 private:
  struct Task;

  std::shared_ptr<Task> MakeTask(const Request& request, Limit limit, Job job);
  void PostToNetwork(const std::shared_ptr<Task>& task);
  /// Runs the task unless it was abandoned. False when it would have to wait.
  bool Run(Task& task, const OpContext& context);
  OpContext WaitingContext(const Task& task) const;

  const Options options_;
  FileSystem& file_system_;
  Clock& clock_;
  BufferPool& buffers_;
  RequestTracker tracker_;
  ByteGate read_gate_;
  ThreadPool network_pool_;
  ThreadPool local_pool_;
};

}  // namespace cosfuse
