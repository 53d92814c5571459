#include "http/retry.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/fake_clock.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// What is retried; every other code is not.
TEST(Retry, TableOfCodes) {
  int retryable = 0;
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) retryable += IsRetryable(static_cast<ErrorCode>(i));
  EXPECT_EQ(retryable, 5);
  EXPECT_TRUE(IsRetryable(ErrorCode::kUnavailable));
  EXPECT_TRUE(IsRetryable(ErrorCode::kThrottled));
  EXPECT_TRUE(IsRetryable(ErrorCode::kTimedOut));
  EXPECT_TRUE(IsRetryable(ErrorCode::kCorrupt));
  EXPECT_TRUE(IsRetryable(ErrorCode::kConflictInProgress));
}

TEST(Retry, BackoffDoublesUpToItsCap) {
  const RetryPolicy policy;
  EXPECT_EQ(BackoffDelay(policy, 1, 0.0), milliseconds(0));
  EXPECT_EQ(BackoffDelay(policy, 1, 0.5), milliseconds(50));
  EXPECT_EQ(BackoffDelay(policy, 2, 0.5), milliseconds(100));
  EXPECT_EQ(BackoffDelay(policy, 7, 0.5), milliseconds(3200));
  EXPECT_EQ(BackoffDelay(policy, 8, 0.5), seconds(5));
  EXPECT_EQ(BackoffDelay(policy, 1'000'000, 0.5), seconds(5));
}

RetryState StateAt(Duration since_progress) {
  const MonotonicTime start{std::chrono::hours(1)};
  return {.retry = 1,
          .last_progress = start,
          .now = start + since_progress,
          .deadline = MonotonicTime::max(),
          .patience = seconds(60)};
}

TEST(Retry, RetryAfterIsHonouredUpToItsCapAndJittered) {
  const RetryPolicy policy;
  const auto asks = [](int delay) { return Error(ErrorCode::kThrottled, "").SetRetryAfter(seconds(delay)); };
  EXPECT_EQ(DecideRetry(policy, asks(5), StateAt(seconds(0)), 0.5), seconds(5) + milliseconds(50));
  EXPECT_EQ(DecideRetry(policy, asks(50), StateAt(seconds(0)), 0.5), seconds(30) + milliseconds(50));
}

TEST(Retry, GivesUpWhereTheWaitWouldReachTheEnd) {
  const RetryPolicy policy;
  const Error error(ErrorCode::kUnavailable, "");
  EXPECT_TRUE(DecideRetry(policy, error, StateAt(seconds(59)), 0.5));
  EXPECT_FALSE(DecideRetry(policy, error, StateAt(milliseconds(59'960)), 0.5));
  EXPECT_FALSE(DecideRetry(policy, error, StateAt(seconds(61)), 0.0));

  RetryState state = StateAt(seconds(1));
  state.deadline = state.now + milliseconds(50);
  EXPECT_FALSE(DecideRetry(policy, error, state, 0.5));
  EXPECT_TRUE(DecideRetry(policy, error, state, 0.4));
  state.deadline = state.now - seconds(1);
  EXPECT_FALSE(DecideRetry(policy, error, state, 0.0));
}

TEST(RetryBudget, FirstTriesFillItAndRetriesDrainIt) {
  const MonotonicTime now{};
  RetryBudget budget({.capacity = 2, .per_request = 0.5, .per_second = 1});
  EXPECT_EQ(budget.TakeRetry(now, seconds(9)), seconds(0));
  EXPECT_EQ(budget.TakeRetry(now, seconds(9)), seconds(0));
  EXPECT_EQ(budget.tokens(), 0);
  budget.OnFirstTry(now);
  budget.OnFirstTry(now);
  EXPECT_EQ(budget.tokens(), 1);
  EXPECT_EQ(budget.TakeRetry(now, seconds(9)), seconds(0));
}

TEST(RetryBudget, EmptyItSpacesRetriesOut) {
  const MonotonicTime now{};
  RetryBudget budget({.capacity = 1, .per_request = 0, .per_second = 4});
  EXPECT_EQ(budget.TakeRetry(now, seconds(9)), seconds(0));
  EXPECT_EQ(budget.TakeRetry(now, seconds(9)), milliseconds(250));
  EXPECT_EQ(budget.TakeRetry(now, seconds(9)), milliseconds(500));
  EXPECT_EQ(budget.TakeRetry(now + seconds(1), seconds(9)), seconds(0));
}

TEST(RetryBudget, ARetryThatComesTooLateTakesNothing) {
  const MonotonicTime now{};
  RetryBudget budget({.capacity = 1, .per_request = 0, .per_second = 1});
  EXPECT_TRUE(budget.TakeRetry(now, seconds(0)));
  EXPECT_FALSE(budget.TakeRetry(now, milliseconds(999)));
  EXPECT_EQ(budget.tokens(), 0);
}

TEST(RetryBudget, NeverHoldsMoreThanItsCapacity) {
  RetryBudget budget({.capacity = 3, .per_request = 1, .per_second = 1});
  budget.OnFirstTry(MonotonicTime{});
  budget.OnFirstTry(MonotonicTime{} + seconds(1000));
  EXPECT_EQ(budget.tokens(), 3);
}

class RunWithRetriesTest : public ::testing::Test {
 protected:
  FakeClock clock_;
  SeededRandom random_{7};
  RetryBudget budget_;
  RetryEnvironment environment_{clock_, random_, budget_, {.base = milliseconds(1), .cap = milliseconds(1)}};
};

TEST_F(RunWithRetriesTest, ReturnsTheFirstSuccess) {
  std::vector<int> attempts;
  const auto result = RunWithRetries(OpContext(), environment_, [&](RetryAttempt& attempt) -> Result<int> {
    attempts.push_back(attempt.number);
    if (attempt.number < 4) return Fail(ErrorCode::kUnavailable, "reset");
    return 42;
  });
  EXPECT_EQ(result, 42);
  EXPECT_EQ(attempts, (std::vector{1, 2, 3, 4}));
  EXPECT_NEAR(budget_.tokens(), 97, 0.5);
}

TEST_F(RunWithRetriesTest, TheGuardIsAskedBeforeEachTryButTheFirst) {
  int calls = 0;
  int asked = 0;
  const OpContext guarded = OpContext().WithRetryGuard([&]() -> Result<> {
    EXPECT_EQ(++asked, calls);
    if (asked == 3) return Fail(ErrorCode::kStale, "overtaken");
    return {};
  });
  const auto result = RunWithRetries(guarded, environment_, [&](RetryAttempt&) -> Result<> {
    ++calls;
    return Fail(ErrorCode::kUnavailable, "reset");
  });
  EXPECT_EQ(result.error().code(), ErrorCode::kStale);
  EXPECT_EQ(calls, 3);
}

TEST_F(RunWithRetriesTest, AFinalErrorIsReturnedAtOnce) {
  int calls = 0;
  const auto result = RunWithRetries(OpContext(), environment_, [&](RetryAttempt&) -> Result<> {
    ++calls;
    return Fail(ErrorCode::kAccessDenied, "no");
  });
  EXPECT_EQ(result.error().code(), ErrorCode::kAccessDenied);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(clock_.slept(), Duration(0));
}

TEST_F(RunWithRetriesTest, EndsWhenPatienceEnds) {
  const auto context = OpContext().WithPatience(seconds(60));
  std::vector<Duration> patience;
  const auto result = RunWithRetries(context, environment_, [&](RetryAttempt& attempt) -> Result<> {
    patience.push_back(attempt.context.patience());
    clock_.Advance(seconds(20));
    return Fail(ErrorCode::kTimedOut, "no progress for 20 s");
  });
  EXPECT_EQ(result.error().code(), ErrorCode::kTimedOut);
  ASSERT_EQ(patience.size(), 3U);
  EXPECT_EQ(patience[0], seconds(60));
  EXPECT_LT(patience[2], seconds(20));  // What is left, so that the last attempt does not overrun it.
}

TEST_F(RunWithRetriesTest, ProgressRenewsPatience) {
  int calls = 0;
  const auto result = RunWithRetries(OpContext(), environment_, [&](RetryAttempt& attempt) -> Result<int> {
    clock_.Advance(seconds(50));
    if (++calls == 10) return calls;
    attempt.made_progress = true;
    return Fail(ErrorCode::kCorrupt, "cut");
  });
  EXPECT_EQ(result, 10);
}

TEST_F(RunWithRetriesTest, TheDeadlineOfTheOperationIsNotRetried) {
  const auto context = OpContext().WithDeadline(clock_.Now() + seconds(5));
  int calls = 0;
  const auto result = RunWithRetries(context, environment_, [&](RetryAttempt&) -> Result<> {
    ++calls;
    clock_.Advance(seconds(5));
    return Fail(ErrorCode::kTimedOut, "deadline passed");
  });
  EXPECT_EQ(result.error().code(), ErrorCode::kTimedOut);
  EXPECT_EQ(calls, 1);
}

TEST_F(RunWithRetriesTest, CancellingEndsTheWait) {
  const auto cancellation = std::make_shared<Cancellation>();
  int calls = 0;
  const auto result = RunWithRetries(OpContext().WithCancellation(cancellation), environment_, [&](RetryAttempt&) {
    ++calls;
    cancellation->Cancel();
    return Result<>(Fail(ErrorCode::kUnavailable, "reset"));
  });
  EXPECT_EQ(result.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(calls, 1);
}

TEST_F(RunWithRetriesTest, AnOutageDrainsTheBudgetOnlyAsFastAsItFills) {
  RetryBudget budget({.capacity = 5, .per_request = 0, .per_second = 1});
  const RetryEnvironment environment{clock_, random_, budget, environment_.policy};
  int calls = 0;
  const auto result = RunWithRetries(OpContext(), environment, [&](RetryAttempt&) -> Result<> {
    ++calls;
    return Fail(ErrorCode::kUnavailable, "down");
  });
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  EXPECT_GE(calls, 60);  // The first, five at once, then one each second for a minute.
  EXPECT_LE(calls, 66);
}

TEST_F(RunWithRetriesTest, AnExhaustedBudgetIsNamed) {
  RetryBudget budget({.capacity = 0.5, .per_request = 0, .per_second = 0.001});
  const RetryEnvironment environment{clock_, random_, budget, environment_.policy};
  const auto result = RunWithRetries(
      OpContext(), environment, [](RetryAttempt&) -> Result<> { return Fail(ErrorCode::kThrottled, "slow down"); });
  EXPECT_EQ(result.error().code(), ErrorCode::kThrottled);
  EXPECT_NE(result.error().message().find("budget"), std::string::npos);
}

}  // namespace
}  // namespace cosfuse
