#include "fs/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace cosfuse {
namespace {

TEST(RunInParallel, RunsEachCallOnce) {
  ThreadPool pool({.name = "test", .max_threads = 4});
  std::vector<std::atomic<int>> calls(100);
  EXPECT_TRUE(RunInParallel(pool, calls.size(), 8, [&](size_t i) -> Result<> {
                ++calls[i];
                return {};
              }).has_value());
  for (const auto& count : calls) EXPECT_EQ(count, 1);
}

TEST(RunInParallel, ReallyRunsAtTheSameTime) {
  ThreadPool pool({.name = "test", .max_threads = 4});
  Mutex mutex;
  CondVar met;
  int waiting = 0;
  EXPECT_TRUE(RunInParallel(pool, 2, 2, [&](size_t) -> Result<> {
                MutexLock lock(mutex);
                ++waiting;
                met.NotifyAll();
                while (waiting < 2) met.Wait(mutex);
                return {};
              }).has_value());
}

TEST(RunInParallel, FirstFailureEndsIt) {
  ThreadPool pool({.name = "test", .max_threads = 1});
  std::atomic<size_t> calls = 0;
  const auto result = RunInParallel(pool, 1000, 1, [&](size_t i) -> Result<> {
    ++calls;
    if (i == 3) return Fail(ErrorCode::kUnavailable, "the fourth");
    return {};
  });
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(calls, 4U);
}

TEST(RunInParallel, CallerDoesTheWorkOfABusyPool) {
  Mutex mutex;
  CondVar released;
  bool release = false;
  ThreadPool pool({.name = "test", .max_threads = 1});
  pool.Post([&] {
    MutexLock lock(mutex);
    while (!release) released.Wait(mutex);
  });
  std::atomic<int> calls = 0;
  EXPECT_TRUE(RunInParallel(pool, 3, 3, [&](size_t) -> Result<> {
                ++calls;
                return {};
              }).has_value());
  EXPECT_EQ(calls, 3);
  const MutexLock lock(mutex);
  release = true;
  released.NotifyAll();
}

TEST(RunInParallel, NothingToDoIsASuccess) {
  ThreadPool pool({.name = "test", .max_threads = 1});
  EXPECT_TRUE(RunInParallel(pool, 0, 4, [](size_t) -> Result<> { return Fail(ErrorCode::kInternal, ""); }).has_value());
}

}  // namespace
}  // namespace cosfuse
