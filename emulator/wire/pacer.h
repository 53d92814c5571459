#pragma once

#include <cstdint>

#include "base/byte_range.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace cosfuse::emulator {

/// The capacity of the whole wire, both directions together: each piece books its time on it, and is handed on when
/// that has passed. Thread-safe.
class Pacer {
 public:
  /// 0 lifts the limit.
  void SetRate(uint64_t bytes_per_second) EXCLUDES(mutex_);
  bool active() const EXCLUDES(mutex_);

  /// Books `bytes` and returns when they have passed; `now` without a limit. `waited_until` is what the caller's last
  /// booking returned: who has waited and wakes up late, by 100 ms at most, finds that time still its own, so that the
  /// rate is met whatever the machine's timers do. Who comes to an idle wire finds nothing saved up.
  MonotonicTime Book(MonotonicTime now, ByteCount bytes, MonotonicTime waited_until = {}) EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  uint64_t rate_ GUARDED_BY(mutex_) = 0;
  MonotonicTime free_at_ GUARDED_BY(mutex_){};
};

}  // namespace cosfuse::emulator
