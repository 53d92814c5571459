#include "base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <list>

#include "base/thread.h"

namespace cosfuse {
namespace {

TEST(Mutex, LetsOneThreadInAtATime) {
  Mutex mutex;
  int count = 0;
  {
    std::list<Thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back("adder", [&] {
        for (int j = 0; j < 1000; ++j) {
          MutexLock lock(mutex);
          ++count;
        }
      });
    }
  }
  EXPECT_EQ(count, 4000);
}

TEST(MutexLock, LetsGoInBetween) {
  Mutex mutex;
  MutexLock lock(mutex);
  lock.Unlock();
  bool entered = false;
  Thread other("other", [&] {
    MutexLock inner(mutex);
    entered = true;
  });
  other.Join();
  lock.Lock();
  EXPECT_TRUE(entered);
}

TEST(CondVar, WakesTheThreadThatWaits) {
  Mutex mutex;
  CondVar changed;
  bool ready = false;
  const Thread notifier("notifier", [&] {
    MutexLock lock(mutex);
    ready = true;
    changed.NotifyOne();
  });
  MutexLock lock(mutex);
  while (!ready) changed.Wait(mutex);
  EXPECT_TRUE(ready);
}

TEST(CondVar, WaitUntilReportsThatTheTimeHasPassed) {
  const SystemClock clock;
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  const MonotonicTime until = clock.Now() + std::chrono::milliseconds(2);
  while (never.WaitUntil(mutex, until)) {  // Spurious wake-ups are allowed.
  }
  EXPECT_GE(clock.Now(), until);
  EXPECT_FALSE(never.WaitUntil(mutex, clock.Now() - std::chrono::hours(1)));
}

TEST(CondVar, WaitUntilTheEndOfTimeWaitsForTheNotification) {
  Mutex mutex;
  CondVar changed;
  bool ready = false;
  const Thread notifier("notifier", [&] {
    MutexLock lock(mutex);
    ready = true;
    changed.NotifyAll();
  });
  MutexLock lock(mutex);
  while (!ready) EXPECT_TRUE(changed.WaitUntil(mutex, MonotonicTime::max()));
}

}  // namespace
}  // namespace cosfuse
