#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/op_context.h"
#include "base/thread.h"
#include "fs/fuse/caller.h"

namespace cosfuse {

/// The requests that have been handed to a pool and are not answered yet: which of them wait for a thread, which run,
/// and whose callers want to give them up.
///
/// The kernel tells about a caller's first signal only, and does not say which; so an interrupted request is looked at
/// again and again until it is answered or its caller turns out to be dying (caller.h). Then a request that runs is
/// cancelled, and one that still waits for a thread is abandoned: answered at once, without having begun. The same
/// happens to one that has waited for a thread until its limit.
///
/// Thread-safe. `clock` is borrowed.
class RequestTracker {
 public:
  class Entry {
   public:
    const std::shared_ptr<Cancellation>& cancellation() const { return cancellation_; }

   private:
    friend class RequestTracker;
    enum class State { kQueued, kRunning, kDone };

    // Constant after construction.
    uint64_t unique_ = 0;
    pid_t pid_ = 0;
    MonotonicTime queue_limit_;
    std::function<void(ErrorCode)> abandon_;
    const std::shared_ptr<Cancellation> cancellation_ = std::make_shared<Cancellation>();

    // Guarded by the tracker's mutex.
    State state_ = State::kQueued;
    bool interrupted_ = false;
    bool given_up_ = false;
    MonotonicTime interrupted_at_;
  };

  using Inspect = std::function<CallerState(pid_t)>;

  explicit RequestTracker(Clock& clock, Inspect inspect = InspectCaller);
  ~RequestTracker();
  RequestTracker(const RequestTracker&) = delete;
  RequestTracker& operator=(const RequestTracker&) = delete;

  /// Starts the thread that calls Check, as long as there is something to check.
  void StartWatching() EXCLUDES(mutex_);

  /// A request that waits for a thread. `abandon` answers it with an error, if it comes to that: once, with no lock
  /// held, instead of Begin. Without `abandon` it runs from the start, whatever becomes of its caller.
  std::shared_ptr<Entry> Add(uint64_t unique, pid_t pid, MonotonicTime queue_limit,
                             std::function<void(ErrorCode)> abandon) EXCLUDES(mutex_);
  /// It has got a thread. False when it was abandoned: then it is not to be touched any more.
  bool Begin(Entry& entry) EXCLUDES(mutex_);
  /// It waits for another thread. False when it was given up meanwhile: then it has been abandoned.
  bool Requeue(Entry& entry) EXCLUDES(mutex_);
  /// It is answered.
  void Remove(Entry& entry) EXCLUDES(mutex_);

  /// The kernel says that the request's caller has got a signal. False when it is not known (not yet, or answered).
  bool Interrupt(uint64_t unique) EXCLUDES(mutex_);

  /// Looks at every interrupted request and every limit once.
  void Check() EXCLUDES(mutex_);

  /// Cancels what runs and abandons what waits, now and from now on.
  void CancelAll() EXCLUDES(mutex_);

  /// A figure for tests.
  size_t size() const EXCLUDES(mutex_);

 private:
  void WatchLoop() EXCLUDES(mutex_);
  /// Marks `entry` as given up; true when it has to be abandoned, which is the caller's to do without the lock.
  bool GiveUpLocked(Entry& entry) REQUIRES(mutex_);

  Clock& clock_;
  const Inspect inspect_;

  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool cancel_all_ GUARDED_BY(mutex_) = false;
  bool watcher_sleeps_ GUARDED_BY(mutex_) = false;
  size_t interrupted_count_ GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, std::shared_ptr<Entry>> entries_ GUARDED_BY(mutex_);
  Thread watcher_;
};

}  // namespace cosfuse
