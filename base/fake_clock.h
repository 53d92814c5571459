#pragma once

#include "base/clock.h"
#include "base/mutex.h"

namespace cosfuse {

/// A clock that stands still until it is told otherwise. Sleep moves it forward and returns at once. Its moments lie
/// far after those of the machine's clock, so a CondVar that waits until one of them ends by being notified alone.
/// Thread-safe.
class FakeClock final : public Clock {
 public:
  MonotonicTime Now() const override;
  WallTime WallNow() const override;
  /// Advances by `delay` (to the context's deadline at most); fails as the real one does.
  Result<> Sleep(const OpContext& context, Duration delay) override;

  void Advance(Duration by);
  /// Moves the time of day alone, as an administrator does.
  void AdvanceWall(Duration by);
  /// The sum of all Sleeps, for tests of back-off.
  Duration slept() const;

 private:
  mutable Mutex mutex_;
  MonotonicTime now_ GUARDED_BY(mutex_){std::chrono::years(100)};
  WallTime wall_ GUARDED_BY(mutex_){std::chrono::seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z
  Duration slept_ GUARDED_BY(mutex_){0};
};

}  // namespace cosfuse
