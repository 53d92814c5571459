#pragma once

#include <functional>
#include <map>
#include <memory>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/op_context.h"
#include "base/thread.h"

namespace cosfuse {

/// Runs tasks at later moments, one after the other, on a thread of its own that starts with the first task. Tasks must
/// be quick. Thread-safe.
class RetryTimer {
 public:
  explicit RetryTimer(Clock& clock) : clock_(clock) {}
  ~RetryTimer() { Stop(); }
  RetryTimer(const RetryTimer&) = delete;
  RetryTimer& operator=(const RetryTimer&) = delete;

  void RunAfter(Duration delay, std::function<void()> task) EXCLUDES(mutex_);
  /// Drops what is not due yet, and returns when nothing runs any more. Later tasks are dropped.
  void Stop() EXCLUDES(mutex_);

 private:
  void Loop() EXCLUDES(mutex_);

  Clock& clock_;
  Mutex mutex_;
  CondVar added_;
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::multimap<MonotonicTime, std::function<void()>> tasks_ GUARDED_BY(mutex_);
  /// Ends the sleep until the first task, because there is an earlier one.
  std::shared_ptr<Cancellation> wake_ GUARDED_BY(mutex_);
  Thread thread_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
