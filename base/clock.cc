#include "base/clock.h"

#include <algorithm>

#include "base/mutex.h"
#include "base/op_context.h"

namespace cosfuse {

MonotonicTime SystemClock::Now() const { return std::chrono::steady_clock::now(); }

WallTime SystemClock::WallNow() const { return std::chrono::system_clock::now(); }

Result<> SystemClock::Sleep(const OpContext& context, Duration delay) {
  RETURN_IF_ERROR(context.CheckMayWait(Now()));
  const MonotonicTime wake = Now() + delay;
  const MonotonicTime until = std::min(wake, context.deadline());
  Mutex mutex;
  CondVar cancelled;
  const auto registration = context.OnCancel([&mutex, &cancelled] {
    MutexLock lock(mutex);
    cancelled.NotifyAll();
  });
  MutexLock lock(mutex);
  while (Now() < until && !context.cancelled()) cancelled.WaitUntil(mutex, until);
  lock.Unlock();
  if (context.cancelled()) return Fail(ErrorCode::kCancelled, "interrupted");
  if (until < wake) return Fail(ErrorCode::kTimedOut, "deadline passed");
  return {};
}

}  // namespace cosfuse
