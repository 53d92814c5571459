#include "base/fake_clock.h"

#include <algorithm>

#include "base/op_context.h"

namespace cosfuse {

MonotonicTime FakeClock::Now() const {
  MutexLock lock(mutex_);
  return now_;
}

WallTime FakeClock::WallNow() const {
  MutexLock lock(mutex_);
  return wall_;
}

Result<> FakeClock::Sleep(const OpContext& context, Duration delay) {
  RETURN_IF_ERROR(context.CheckMayWait(Now()));
  MutexLock lock(mutex_);
  const Duration allowed = std::min<Duration>(delay, context.deadline() - now_);
  now_ += allowed;
  wall_ += allowed;
  slept_ += allowed;
  if (allowed < delay) return Fail(ErrorCode::kTimedOut, "deadline passed");
  return {};
}

void FakeClock::Advance(Duration by) {
  MutexLock lock(mutex_);
  now_ += by;
  wall_ += by;
}

void FakeClock::AdvanceWall(Duration by) {
  MutexLock lock(mutex_);
  wall_ += by;
}

Duration FakeClock::slept() const {
  MutexLock lock(mutex_);
  return slept_;
}

}  // namespace cosfuse
