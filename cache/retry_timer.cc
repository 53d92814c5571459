#include "cache/retry_timer.h"

#include <utility>

namespace cosfuse {

void RetryTimer::RunAfter(Duration delay, std::function<void()> task) {
  std::shared_ptr<Cancellation> wake;
  {
    MutexLock lock(mutex_);
    if (stopped_) return;
    tasks_.emplace(clock_.Now() + delay, std::move(task));
    if (!thread_.joinable()) thread_ = Thread("retry-timer", [this] { Loop(); });
    wake = wake_;
    added_.NotifyAll();
  }
  if (wake) wake->Cancel();
}

void RetryTimer::Stop() {
  std::shared_ptr<Cancellation> wake;
  Thread thread;
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    tasks_.clear();
    thread = std::move(thread_);
    wake = wake_;
    added_.NotifyAll();
  }
  if (wake) wake->Cancel();
  thread.Join();
}

void RetryTimer::Loop() {
  MutexLock lock(mutex_);
  while (!stopped_) {
    if (tasks_.empty()) {
      added_.Wait(mutex_);
      continue;
    }
    const Duration delay = tasks_.begin()->first - clock_.Now();
    if (delay > Duration::zero()) {
      const auto wake = wake_ = std::make_shared<Cancellation>();
      lock.Unlock();
      // Cut short or not, the loop looks at what is due.
      static_cast<void>(clock_.Sleep(OpContext().WithCancellation(wake), delay));
      lock.Lock();
      wake_.reset();
      continue;
    }
    auto task = tasks_.extract(tasks_.begin());
    lock.Unlock();
    task.mapped()();
    task = {};
    lock.Lock();
  }
}

}  // namespace cosfuse
