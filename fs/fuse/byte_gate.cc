#include "fs/fuse/byte_gate.h"

#include <utility>
#include <vector>

namespace cosfuse {

void ByteGate::Enter(ByteCount weight, std::function<void()> start) {
  {
    const MutexLock lock(mutex_);
    if (!waiters_.empty() || !FitsLocked(weight)) {
      waiters_.push_back({weight, std::move(start)});
      return;
    }
    used_ += weight;
  }
  start();
}

void ByteGate::Leave(ByteCount weight) {
  std::vector<std::function<void()>> started;
  {
    const MutexLock lock(mutex_);
    used_ -= weight;
    while (!waiters_.empty() && FitsLocked(waiters_.front().weight)) {
      used_ += waiters_.front().weight;
      started.push_back(std::move(waiters_.front().start));
      waiters_.pop_front();
    }
  }
  for (const auto& start : started) start();
}

ByteCount ByteGate::used() const {
  const MutexLock lock(mutex_);
  return used_;
}

size_t ByteGate::waiting() const {
  const MutexLock lock(mutex_);
  return waiters_.size();
}

}  // namespace cosfuse
