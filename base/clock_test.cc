#include "base/clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "base/fake_clock.h"
#include "base/op_context.h"
#include "base/thread.h"

namespace cosfuse {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SystemClock, NeverGoesBack) {
  const SystemClock clock;
  const MonotonicTime first = clock.Now();
  EXPECT_GE(clock.Now(), first);
}

TEST(SystemClock, SleepLastsAtLeastTheDelay) {
  SystemClock clock;
  const MonotonicTime start = clock.Now();
  ASSERT_TRUE(clock.Sleep(OpContext(), milliseconds(5)).has_value());
  EXPECT_GE(clock.Now() - start, milliseconds(5));
}

TEST(SystemClock, SleepEndsAtTheDeadline) {
  SystemClock clock;
  const MonotonicTime start = clock.Now();
  const auto result = clock.Sleep(OpContext().WithDeadline(start + milliseconds(5)), hours(1));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kTimedOut);
  EXPECT_GE(clock.Now() - start, milliseconds(5));
}

TEST(SystemClock, SleepEndsWhenCancelled) {
  SystemClock clock;
  const auto cancellation = std::make_shared<Cancellation>();
  const Thread canceller("canceller", [cancellation] { cancellation->Cancel(); });
  const auto result = clock.Sleep(OpContext().WithCancellation(cancellation), hours(1));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kCancelled);
}

TEST(SystemClock, SleepRefusesACallerThatMayNotWait) {
  SystemClock clock;
  EXPECT_EQ(clock.Sleep(OpContext::Immediate(), hours(1)).error().code(), ErrorCode::kWouldWait);
}

TEST(FakeClock, StandsStillUntilItIsAdvanced) {
  FakeClock clock;
  const MonotonicTime start = clock.Now();
  const WallTime wall = clock.WallNow();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(seconds(3));
  EXPECT_EQ(clock.Now() - start, seconds(3));
  EXPECT_EQ(clock.WallNow() - wall, seconds(3));
}

TEST(FakeClock, TheTimeOfDayJumpsAlone) {
  FakeClock clock;
  const MonotonicTime start = clock.Now();
  const WallTime wall = clock.WallNow();
  clock.AdvanceWall(-hours(2));
  EXPECT_EQ(clock.Now(), start);
  EXPECT_EQ(wall - clock.WallNow(), hours(2));
}

TEST(FakeClock, SleepMovesTheTimeAndIsCounted) {
  FakeClock clock;
  const MonotonicTime start = clock.Now();
  ASSERT_TRUE(clock.Sleep(OpContext(), seconds(10)).has_value());
  const auto cut_off = clock.Sleep(OpContext().WithDeadline(start + seconds(12)), seconds(10));
  ASSERT_FALSE(cut_off.has_value());
  EXPECT_EQ(cut_off.error().code(), ErrorCode::kTimedOut);
  EXPECT_EQ(clock.Now() - start, seconds(12));
  EXPECT_EQ(clock.slept(), seconds(12));
}

TEST(FakeClock, SleepFailsAsTheRealOneDoes) {
  FakeClock clock;
  const auto cancellation = std::make_shared<Cancellation>();
  cancellation->Cancel();
  EXPECT_EQ(clock.Sleep(OpContext().WithCancellation(cancellation), seconds(1)).error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(clock.Sleep(OpContext::Immediate(), seconds(1)).error().code(), ErrorCode::kWouldWait);
  EXPECT_EQ(clock.slept(), Duration::zero());
}

TEST(CompactUtc, IsTheTimeOfDayInUtc) {
  EXPECT_EQ(CompactUtc(WallTime()), "19700101T000000Z");
  EXPECT_EQ(CompactUtc(WallTime(std::chrono::milliseconds(1769903999900))), "20260131T235959Z");
}

}  // namespace
}  // namespace cosfuse
