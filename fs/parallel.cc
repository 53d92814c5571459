#include "fs/parallel.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/mutex.h"

namespace cosfuse {
namespace {

/// Outlives the caller's frame in helpers that come too late to find anything to do.
class ParallelRun {
 public:
  ParallelRun(size_t count, const std::function<Result<>(size_t)>& call) : count_(count), call_(call) {}

  void Work() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    while (!failure_ && next_ < count_) {
      const size_t index = next_++;
      ++running_;
      lock.Unlock();
      auto result = call_(index);
      lock.Lock();
      --running_;
      if (!result && !failure_) failure_ = std::move(result).error();
    }
    if (running_ == 0) ended_.NotifyAll();
  }

  Result<> Wait() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    while (running_ > 0) ended_.Wait(mutex_);
    if (failure_) return Fail(*std::move(failure_));
    return {};
  }

 private:
  const size_t count_;
  const std::function<Result<>(size_t)>& call_;  ///< Valid while calls are left or running.

  Mutex mutex_;
  CondVar ended_;
  size_t next_ GUARDED_BY(mutex_) = 0;
  size_t running_ GUARDED_BY(mutex_) = 0;
  std::optional<Error> failure_ GUARDED_BY(mutex_);
};

}  // namespace

Result<> RunInParallel(ThreadPool& pool, size_t count, size_t width, const std::function<Result<>(size_t)>& call) {
  const auto run = std::make_shared<ParallelRun>(count, call);
  for (size_t helper = 1; helper < std::min(count, width); ++helper) pool.Post([run] { run->Work(); });
  run->Work();
  return run->Wait();
}

}  // namespace cosfuse
