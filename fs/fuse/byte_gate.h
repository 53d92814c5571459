#pragma once

#include <deque>
#include <functional>

#include "base/byte_range.h"
#include "base/mutex.h"

namespace cosfuse {

/// Lets work begin while the bytes it needs fit in a budget; the rest waits in line without a thread. Work larger than
/// the whole budget runs alone. Thread-safe.
class ByteGate {
 public:
  explicit ByteGate(ByteCount budget) : budget_(budget) {}
  ByteGate(const ByteGate&) = delete;
  ByteGate& operator=(const ByteGate&) = delete;

  /// Calls `start` once there is room: now, in this thread, or in one that calls Leave. It must be quick (hand the work
  /// to a pool). Whoever was started calls Leave with the same weight when it is done.
  void Enter(ByteCount weight, std::function<void()> start) EXCLUDES(mutex_);
  void Leave(ByteCount weight) EXCLUDES(mutex_);

  /// Figures for tests.
  ByteCount used() const EXCLUDES(mutex_);
  size_t waiting() const EXCLUDES(mutex_);

 private:
  struct Waiter {
    ByteCount weight;
    std::function<void()> start;
  };
  bool FitsLocked(ByteCount weight) const REQUIRES(mutex_) { return used_ == 0 || used_ + weight <= budget_; }

  const ByteCount budget_;
  mutable Mutex mutex_;
  ByteCount used_ GUARDED_BY(mutex_) = 0;
  std::deque<Waiter> waiters_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
