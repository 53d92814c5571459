#pragma once

#include <chrono>
#include <string>

#include "base/error.h"

namespace cosfuse {

class OpContext;

using Duration = std::chrono::nanoseconds;
/// Counts from some moment in the past and never jumps: for deadlines and lifetimes.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// The time of day, which may be wrong and may jump: for file times and messages.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// Where time comes from. Decisions take times as arguments; only the classes that act on them hold a Clock.
/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual MonotonicTime Now() const = 0;
  virtual WallTime WallNow() const = 0;

  /// Waits for `delay`. Errors: kCancelled, kTimedOut (the context's deadline comes first: it waits until that),
  /// kWouldWait (the context may not wait).
  virtual Result<> Sleep(const OpContext& context, Duration delay) = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  MonotonicTime Now() const override;
  WallTime WallNow() const override;
  Result<> Sleep(const OpContext& context, Duration delay) override;
};

/// UTC as names of files have it: `20260131T235959Z`.
std::string CompactUtc(WallTime time);

}  // namespace cosfuse
