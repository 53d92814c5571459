#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "base/op_context.h"

namespace cosfuse {
namespace {

/// Opens once; whoever waits then goes on.
class Gate {
 public:
  void Open() {
    MutexLock lock(mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  void Wait() {
    MutexLock lock(mutex_);
    ++waiting_;
    changed_.NotifyAll();
    while (!open_) changed_.Wait(mutex_);
  }
  void WaitForWaiters(int count) {
    MutexLock lock(mutex_);
    while (waiting_ < count) changed_.Wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool open_ GUARDED_BY(mutex_) = false;
  int waiting_ GUARDED_BY(mutex_) = 0;
};

TEST(ThreadPool, RunsWhatIsQueuedBeforeItEnds) {
  Mutex mutex;
  int done = 0;
  {
    ThreadPool pool({.name = "pool", .max_threads = 2});
    for (int i = 0; i < 100; ++i) {
      pool.Post([&] {
        MutexLock lock(mutex);
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 100);
}

TEST(ThreadPool, StartsAThreadForEachTaskUpToItsLimitAndQueuesBeyond) {
  Gate gate;
  ThreadPool pool({.name = "pool", .max_threads = 3});
  EXPECT_EQ(pool.threads(), 0U);
  for (int i = 0; i < 5; ++i) pool.Post([&gate] { gate.Wait(); });
  gate.WaitForWaiters(3);
  EXPECT_EQ(pool.threads(), 3U);
  EXPECT_EQ(pool.queued(), 2U);
  gate.Open();
}

TEST(ThreadPool, StalledTasksDoNotHoldUpTheNextWhileThreadsAreLeft) {
  Gate stalled;
  Gate ran;
  ThreadPool pool({.name = "pool", .max_threads = 4});
  for (int i = 0; i < 3; ++i) pool.Post([&stalled] { stalled.Wait(); });
  stalled.WaitForWaiters(3);
  pool.Post([&ran] { ran.Open(); });
  ran.Wait();
  stalled.Open();
}

TEST(ThreadPool, OneThreadKeepsTheOrder) {
  std::vector<int> order;
  {
    ThreadPool pool({.name = "pool", .max_threads = 1});
    for (int i = 0; i < 50; ++i) pool.Post([&order, i] { order.push_back(i); });
  }
  ASSERT_EQ(order.size(), 50U);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(order[i], i);
}

TEST(ThreadPool, ATaskMayPostAnother) {
  Gate inner_ran;
  ThreadPool pool({.name = "pool", .max_threads = 1});
  pool.Post([&] { pool.Post([&inner_ran] { inner_ran.Open(); }); });
  inner_ran.Wait();
}

TEST(ThreadPool, ATaskIsDestroyedWhenItHasRun) {
  Gate ran;
  std::weak_ptr<int> watched;
  {
    ThreadPool pool({.name = "pool", .max_threads = 1});
    auto held = std::make_shared<int>(1);
    watched = held;
    pool.Post([held = std::move(held)] {});
    pool.Post([&] {
      EXPECT_TRUE(watched.expired());
      ran.Open();
    });
    ran.Wait();
  }
}

TEST(ThreadPool, IdleThreadsEndAndNewOnesTakeTheirPlace) {
  SystemClock clock;
  ThreadPool pool({.name = "pool", .max_threads = 2, .idle_time = std::chrono::milliseconds(1)});
  Gate first;
  pool.Post([&first] { first.Open(); });
  first.Wait();
  const MonotonicTime give_up = clock.Now() + std::chrono::seconds(20);
  while (pool.threads() > 0 && clock.Now() < give_up) {
    ASSERT_TRUE(clock.Sleep(OpContext(), std::chrono::milliseconds(1)).has_value());
  }
  EXPECT_EQ(pool.threads(), 0U);
  Gate second;
  pool.Post([&second] { second.Open(); });
  second.Wait();
}

}  // namespace
}  // namespace cosfuse
