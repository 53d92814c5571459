#include "base/op_context.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "base/fake_clock.h"
#include "base/thread.h"

namespace cosfuse {
namespace {

using std::chrono::seconds;

TEST(Cancellation, RunsEachCallbackOnce) {
  Cancellation cancellation;
  int first = 0;
  int second = 0;
  const auto one = cancellation.OnCancel([&first] { ++first; });
  const auto two = cancellation.OnCancel([&second] { ++second; });
  EXPECT_FALSE(cancellation.cancelled());
  cancellation.Cancel();
  cancellation.Cancel();
  EXPECT_TRUE(cancellation.cancelled());
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
}

TEST(Cancellation, RunsALateCallbackAtOnce) {
  Cancellation cancellation;
  cancellation.Cancel();
  bool ran = false;
  const auto registration = cancellation.OnCancel([&ran] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(Cancellation, DoesNotRunWhatIsNoLongerRegistered) {
  Cancellation cancellation;
  int calls = 0;
  {
    const auto registration = cancellation.OnCancel([&calls] { ++calls; });
  }
  auto registration = cancellation.OnCancel([&calls] { ++calls; });
  registration.Reset();
  registration.Reset();
  cancellation.Cancel();
  EXPECT_EQ(calls, 0);
}

TEST(Cancellation, ARegistrationMovesWithItsCallback) {
  Cancellation cancellation;
  int kept = 0;
  int dropped = 0;
  auto target = cancellation.OnCancel([&dropped] { ++dropped; });
  {
    auto source = cancellation.OnCancel([&kept] { ++kept; });
    target = std::move(source);
  }
  cancellation.Cancel();
  EXPECT_EQ(kept, 1);
  EXPECT_EQ(dropped, 0);
}

TEST(Cancellation, ACallbackMayRegisterAnother) {
  Cancellation cancellation;
  bool inner_ran = false;
  Cancellation::Registration inner;
  const auto outer = cancellation.OnCancel([&] { inner = cancellation.OnCancel([&inner_ran] { inner_ran = true; }); });
  cancellation.Cancel();
  EXPECT_TRUE(inner_ran);
}

TEST(Cancellation, ResetWaitsForACallbackThatRunsElsewhere) {
  Mutex mutex;
  CondVar changed;
  bool entered = false;
  bool may_leave = false;
  bool left = false;
  Cancellation cancellation;
  auto registration = cancellation.OnCancel([&] {
    MutexLock lock(mutex);
    entered = true;
    changed.NotifyAll();
    while (!may_leave) changed.Wait(mutex);
    left = true;
  });
  const Thread canceller("canceller", [&cancellation] { cancellation.Cancel(); });
  {
    MutexLock lock(mutex);
    while (!entered) changed.Wait(mutex);
  }
  const Thread releaser("releaser", [&] {
    MutexLock lock(mutex);
    may_leave = true;
    changed.NotifyAll();
  });
  registration.Reset();
  MutexLock lock(mutex);
  EXPECT_TRUE(left);
}

TEST(OpContext, WaitsWithoutLimitByDefault) {
  const FakeClock clock;
  const OpContext context;
  EXPECT_TRUE(context.CheckMayWait(clock.Now()).has_value());
  EXPECT_EQ(context.deadline(), MonotonicTime::max());
  EXPECT_FALSE(context.cancelled());
}

TEST(OpContext, AnImmediateOneMayNotWait) {
  const FakeClock clock;
  const auto result = OpContext::Immediate().CheckMayWait(clock.Now());
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kWouldWait);
}

TEST(OpContext, IsOverAtItsDeadline) {
  const FakeClock clock;
  const MonotonicTime deadline = clock.Now() + seconds(5);
  const OpContext context = OpContext().WithDeadline(deadline);
  EXPECT_TRUE(context.CheckMayWait(deadline - Duration(1)).has_value());
  ASSERT_FALSE(context.CheckMayWait(deadline).has_value());
  EXPECT_EQ(context.CheckMayWait(deadline).error().code(), ErrorCode::kTimedOut);
}

TEST(OpContext, IsOverOnceCancelledAndCancelledComesFirst) {
  const FakeClock clock;
  const auto cancellation = std::make_shared<Cancellation>();
  const OpContext context = OpContext().WithCancellation(cancellation).WithDeadline(clock.Now());
  cancellation->Cancel();
  EXPECT_TRUE(context.cancelled());
  EXPECT_EQ(context.CheckMayWait(clock.Now()).error().code(), ErrorCode::kCancelled);
}

TEST(OpContext, EachWithKeepsTheRest) {
  const auto cancellation = std::make_shared<Cancellation>();
  const MonotonicTime deadline{seconds(9)};
  const OpContext context =
      OpContext::Immediate().WithCancellation(cancellation).WithDeadline(deadline).WithPatience(seconds(3));
  EXPECT_FALSE(context.may_wait());
  EXPECT_EQ(context.cancellation(), cancellation);
  EXPECT_EQ(context.deadline(), deadline);
  EXPECT_EQ(context.patience(), seconds(3));
}

TEST(OpContext, OnCancelWakesOnlyWhatCanBeCancelled) {
  bool woken = false;
  {
    const auto none = OpContext().OnCancel([&woken] { woken = true; });
  }
  EXPECT_FALSE(woken);
  const auto cancellation = std::make_shared<Cancellation>();
  const auto registration = OpContext().WithCancellation(cancellation).OnCancel([&woken] { woken = true; });
  cancellation->Cancel();
  EXPECT_TRUE(woken);
}

}  // namespace
}  // namespace cosfuse
