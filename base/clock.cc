#include "base/clock.h"

#include <algorithm>
#include <array>
#include <cstdio>

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

std::string CompactUtc(WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace cosfuse
