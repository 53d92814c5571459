#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <string>

#include "base/mutex.h"
#include "base/thread.h"

namespace cosfuse {

/// An elastic pool: a task gets an idle thread, else a new one up to `max_threads`, else it queues (first in, first
/// out). Threads that were idle for `idle_time` end. Thread-safe.
class ThreadPool {
 public:
  struct Options {
    std::string name;
    size_t max_threads = 1;
    Duration idle_time = std::chrono::seconds(10);
  };

  explicit ThreadPool(Options options);
  ~ThreadPool() { Join(); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Runs what is queued to its end and ends all threads. Nobody may post any more, but the tasks themselves.
  void Join() EXCLUDES(mutex_);

  /// Never blocks.
  void Post(std::function<void()> task) EXCLUDES(mutex_);

  /// Tasks that wait for a thread. A figure for tests and metrics.
  size_t queued() const EXCLUDES(mutex_);
  size_t threads() const EXCLUDES(mutex_);

 private:
  void WorkerLoop(std::list<Thread>::iterator self) EXCLUDES(mutex_);
  void ReapLocked() REQUIRES(mutex_);

  const Options options_;
  mutable Mutex mutex_;
  CondVar work_;
  CondVar ended_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  size_t idle_ GUARDED_BY(mutex_) = 0;
  std::deque<std::function<void()>> queue_ GUARDED_BY(mutex_);
  std::list<Thread> workers_ GUARDED_BY(mutex_);
  std::list<Thread> finished_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
