#pragma once

#include <cstdint>

#include "base/byte_range.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace cosfuse::emulator {

/// The capacity of the whole wire, both directions together: each piece books its time on it, and waits until that has
/// passed. Thread-safe.
class Pacer {
 public:
  /// 0 lifts the limit.
  void SetRate(uint64_t bytes_per_second) EXCLUDES(mutex_);
  bool active() const EXCLUDES(mutex_);

  /// Books `bytes` and returns when they have passed: in the past when the wire is idle. `now` without a limit.
  /// A caller that wakes up late by up to 20 ms finds that time still its own, so that the rate is met on average.
  MonotonicTime Book(MonotonicTime now, ByteCount bytes) EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  uint64_t rate_ GUARDED_BY(mutex_) = 0;
  MonotonicTime free_at_ GUARDED_BY(mutex_){};
};

}  // namespace cosfuse::emulator
