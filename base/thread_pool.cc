#include "base/thread_pool.h"

#include <system_error>
#include <utility>

namespace cosfuse {
namespace {

MonotonicTime Now() { return SystemClock().Now(); }

}  // namespace

ThreadPool::ThreadPool(Options options) : options_(std::move(options)) {}

void ThreadPool::Join() {
  MutexLock lock(mutex_);
  stopping_ = true;
  work_.NotifyAll();
  while (!workers_.empty()) ended_.Wait(mutex_);
  ReapLocked();
}

void ThreadPool::Post(std::function<void()> task) {
  MutexLock lock(mutex_);
  queue_.push_back(std::move(task));
  if (idle_ >= queue_.size()) {
    work_.NotifyOne();
    return;
  }
  if (workers_.size() >= options_.max_threads) return;
  ReapLocked();
  workers_.emplace_back();
  const auto self = std::prev(workers_.end());
  try {
    *self = Thread(options_.name, [this, self] { WorkerLoop(self); });
  } catch (const std::system_error&) {  // The process is out of threads: the task waits for one that exists.
    workers_.erase(self);
    if (workers_.empty()) throw;
  }
}

size_t ThreadPool::queued() const {
  MutexLock lock(mutex_);
  return queue_.size();
}

size_t ThreadPool::threads() const {
  MutexLock lock(mutex_);
  return workers_.size();
}

void ThreadPool::WorkerLoop(std::list<Thread>::iterator self) {
  MutexLock lock(mutex_);
  for (;;) {
    const MonotonicTime give_up = Now() + options_.idle_time;
    ++idle_;
    while (queue_.empty() && !stopping_ && Now() < give_up) work_.WaitUntil(mutex_, give_up);
    --idle_;
    if (queue_.empty()) break;
    auto task = std::move(queue_.front());
    queue_.pop_front();
    lock.Unlock();
    task();
    task = nullptr;
    lock.Lock();
  }
  // A thread cannot join itself: the next Post or the destructor does.
  finished_.splice(finished_.end(), workers_, self);
  ended_.NotifyAll();
}

void ThreadPool::ReapLocked() {
  // What stands in finished_ has left the mutex for good, or is about to: joining it here cannot deadlock only because
  // a worker takes nothing after its splice.
  finished_.clear();
}

}  // namespace cosfuse
