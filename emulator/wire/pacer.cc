#include "emulator/wire/pacer.h"

#include <algorithm>

namespace cosfuse::emulator {
namespace {

constexpr Duration kLateness = std::chrono::milliseconds(100);

}  // namespace

void Pacer::SetRate(uint64_t bytes_per_second) {
  MutexLock lock(mutex_);
  rate_ = bytes_per_second;
  free_at_ = {};
}

bool Pacer::active() const {
  MutexLock lock(mutex_);
  return rate_ != 0;
}

MonotonicTime Pacer::Book(MonotonicTime now, ByteCount bytes, MonotonicTime waited_until) {
  MutexLock lock(mutex_);
  if (rate_ == 0) return now;
  const std::chrono::duration<double> needed(static_cast<double>(bytes) / static_cast<double>(rate_));
  const MonotonicTime start = now - waited_until > kLateness ? now : std::min(now, waited_until);
  free_at_ = std::max(free_at_, start) + std::chrono::duration_cast<Duration>(needed);
  return free_at_;
}

}  // namespace cosfuse::emulator
