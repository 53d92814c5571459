#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/thread.h"

namespace cosfuse::model {

/// Ends the process when one step takes too long: a hang cannot be left otherwise. Thread-safe.
class Watchdog {
 public:
  explicit Watchdog(Duration limit);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// The step before has ended; the next one begins. `describe` says what hangs, should it hang; it is called from
  /// another thread then, while that step's thread stands still.
  void BeginStep(std::function<std::string()> describe) EXCLUDES(mutex_);
  /// No step is in progress.
  void Rest() EXCLUDES(mutex_);

 private:
  void Watch() EXCLUDES(mutex_);

  const Duration limit_;
  const SystemClock clock_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  MonotonicTime end_ GUARDED_BY(mutex_) = MonotonicTime::max();
  std::function<std::string()> describe_ GUARDED_BY(mutex_);
  Thread thread_;
};

}  // namespace cosfuse::model
