#include "base/mutex.h"

namespace cosfuse {

void CondVar::Wait(Mutex& mutex) {
  std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
  condition_.wait(lock);
  lock.release();
}

bool CondVar::WaitUntil(Mutex& mutex, MonotonicTime until) {
  if (until == MonotonicTime::max()) {
    Wait(mutex);
    return true;
  }
  std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
  const bool notified = condition_.wait_until(lock, until) == std::cv_status::no_timeout;
  lock.release();
  return notified;
}

}  // namespace cosfuse
