#include "auth/refresh_policy.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr MonotonicTime kStart{std::chrono::hours(1)};
constexpr Duration kHour = std::chrono::hours(1);
const Error kOutage(ErrorCode::kUnavailable, "outage");
const Error kNo(ErrorCode::kUnauthenticated, "no");

TEST(TokenLife, AnHourFollowsTheSdks) {
  const TokenLife life{kStart, kHour};
  EXPECT_EQ(life.RenewFrom(), kStart + minutes(48));
  EXPECT_EQ(life.InvalidFrom(), kStart + kHour - seconds(10));
  EXPECT_EQ(life.RetryInterval(), seconds(60));
}

TEST(TokenLife, AShortLifeScalesDown) {
  const TokenLife life{kStart, seconds(20)};
  EXPECT_EQ(life.RenewFrom(), kStart + seconds(16));
  EXPECT_EQ(life.InvalidFrom(), kStart + seconds(18));
  EXPECT_EQ(life.RetryInterval(), seconds(1));
}

class RefreshPolicyTest : public ::testing::Test {
 protected:
  /// Carries out an exchange that took no time.
  uint64_t Exchange(MonotonicTime now, Duration lifetime = kHour) {
    policy_.OnExchangeStarted();
    return policy_.OnExchanged({.requested_at = now, .lifetime = lifetime});
  }
  void FailExchange(const Error& error, MonotonicTime now, double uniform = 0.5) {
    policy_.OnExchangeStarted();
    policy_.OnExchangeFailed(error, now, uniform);
  }

  RefreshPolicy policy_{RetryPolicy{.base = milliseconds(100), .cap = seconds(30)}};
};

TEST_F(RefreshPolicyTest, NothingIsDueBeforeSomebodyAsks) {
  EXPECT_FALSE(policy_.NextExchange());
  EXPECT_EQ(policy_.DecideNeed(kStart), TokenNeed::kWait);
  ASSERT_TRUE(policy_.NextExchange());
  EXPECT_LE(*policy_.NextExchange(), kStart);
}

TEST_F(RefreshPolicyTest, NothingIsDueWhileAnExchangeIsUnderWay) {
  policy_.DecideNeed(kStart);
  policy_.OnExchangeStarted();
  EXPECT_FALSE(policy_.NextExchange());
  EXPECT_EQ(policy_.DecideNeed(kStart), TokenNeed::kWait);
}

TEST_F(RefreshPolicyTest, ATokenServesUntilShortOfItsEnd) {
  EXPECT_EQ(Exchange(kStart), 1U);
  EXPECT_EQ(policy_.DecideNeed(kStart), TokenNeed::kUseCurrent);
  EXPECT_EQ(policy_.DecideNeed(kStart + kHour - seconds(11)), TokenNeed::kUseCurrent);
  EXPECT_EQ(policy_.DecideNeed(kStart + kHour - seconds(10)), TokenNeed::kWait);
}

TEST_F(RefreshPolicyTest, RenewalIsDueFrom80PercentAlsoWhenNobodyAsks) {
  Exchange(kStart);
  EXPECT_EQ(policy_.NextExchange(), kStart + minutes(48));
  EXPECT_EQ(Exchange(kStart + minutes(48)), 2U);
  EXPECT_EQ(policy_.NextExchange(), kStart + minutes(96));
}

TEST_F(RefreshPolicyTest, Pitfall46_AFailedRenewalIsTriedAgainWhileTheOldTokenServes) {
  Exchange(kStart);
  for (const Error& error : {kOutage, kNo}) {
    const MonotonicTime now = kStart + minutes(48);
    FailExchange(error, now);
    EXPECT_EQ(policy_.NextExchange(), now + seconds(60));
    EXPECT_EQ(policy_.DecideNeed(now), TokenNeed::kUseCurrent);
  }
}

TEST_F(RefreshPolicyTest, WithoutAValidTokenFailuresBackOff) {
  policy_.DecideNeed(kStart);
  FailExchange(kOutage, kStart);
  EXPECT_EQ(policy_.NextExchange(), kStart + milliseconds(50));
  FailExchange(kOutage, kStart);
  EXPECT_EQ(policy_.NextExchange(), kStart + milliseconds(100));
  for (int i = 0; i < 20; ++i) FailExchange(kOutage, kStart);
  EXPECT_EQ(policy_.NextExchange(), kStart + seconds(15));
  EXPECT_EQ(policy_.DecideNeed(kStart), TokenNeed::kWait);
  Exchange(kStart, seconds(20));
  FailExchange(kOutage, kStart + seconds(19));  // Invalid by now; the count began anew.
  EXPECT_EQ(policy_.NextExchange(), kStart + seconds(19) + milliseconds(50));
}

TEST_F(RefreshPolicyTest, RetryAfterIsHonouredUpToItsCap) {
  const auto asks = [](int delay) { return Error(ErrorCode::kThrottled, "").SetRetryAfter(seconds(delay)); };
  policy_.DecideNeed(kStart);
  FailExchange(asks(7), kStart);
  EXPECT_EQ(policy_.NextExchange(), kStart + seconds(7));
  FailExchange(asks(3600), kStart);
  EXPECT_EQ(policy_.NextExchange(), kStart + seconds(30));
}

TEST_F(RefreshPolicyTest, ANoOfIamIsReturnedAtOnceAndAskedForAgainSlowly) {
  policy_.DecideNeed(kStart);
  FailExchange(kNo, kStart);
  EXPECT_EQ(policy_.DecideNeed(kStart + seconds(29)), TokenNeed::kFail);
  EXPECT_EQ(policy_.NextExchange(), kStart + seconds(30));
  EXPECT_EQ(policy_.DecideNeed(kStart + seconds(30)), TokenNeed::kWait);
  Exchange(kStart + seconds(30));
  EXPECT_EQ(policy_.DecideNeed(kStart + seconds(30)), TokenNeed::kUseCurrent);
}

TEST_F(RefreshPolicyTest, ARefusedTokenThatWasReplacedIsNoReasonToExchange) {
  const uint64_t first = Exchange(kStart);
  Exchange(kStart + minutes(48));
  EXPECT_EQ(policy_.DecideOnRefusal(first, kStart + minutes(49)), RefusalVerdict::kTryAgain);
}

TEST_F(RefreshPolicyTest, ARefusedTokenThatServedIsExchangedOnce) {
  const uint64_t token = Exchange(kStart);
  policy_.OnAccepted(token);
  EXPECT_EQ(policy_.DecideOnRefusal(token, kStart + seconds(1)), RefusalVerdict::kExchange);
  EXPECT_LE(*policy_.NextExchange(), kStart + seconds(1));
  EXPECT_EQ(policy_.DecideOnRefusal(token, kStart + seconds(1)), RefusalVerdict::kJoin);
  EXPECT_EQ(policy_.DecideNeed(kStart + seconds(1)), TokenNeed::kUseCurrent);  // The old one stays until replaced.
  Exchange(kStart + seconds(2));
  EXPECT_EQ(policy_.DecideOnRefusal(token, kStart + seconds(2)), RefusalVerdict::kTryAgain);
}

TEST_F(RefreshPolicyTest, ASecondRefusalWithin60SecondsIsFinal) {
  policy_.OnAccepted(Exchange(kStart));
  ASSERT_EQ(policy_.DecideOnRefusal(1, kStart), RefusalVerdict::kExchange);
  const uint64_t second = Exchange(kStart);
  EXPECT_EQ(policy_.DecideOnRefusal(second, kStart + seconds(1)), RefusalVerdict::kFinal);
  policy_.OnAccepted(second);
  EXPECT_EQ(policy_.DecideOnRefusal(second, kStart + seconds(59)), RefusalVerdict::kFinal);
  EXPECT_EQ(policy_.DecideOnRefusal(second, kStart + seconds(60)), RefusalVerdict::kExchange);
}

TEST_F(RefreshPolicyTest, ARenewedTokenThatNeverSucceededMayBeExchangedWithin60Seconds) {
  policy_.OnAccepted(Exchange(kStart));
  ASSERT_EQ(policy_.DecideOnRefusal(1, kStart), RefusalVerdict::kExchange);
  policy_.OnAccepted(Exchange(kStart, seconds(20)));
  const uint64_t renewed = Exchange(kStart + seconds(16));
  EXPECT_EQ(policy_.DecideOnRefusal(renewed, kStart + seconds(17)), RefusalVerdict::kExchange);
}

TEST_F(RefreshPolicyTest, ARoleThatIsMissingCostsOneExchangeAMinute) {
  Exchange(kStart);
  int exchanges = 0;
  for (int second = 0; second < 600; ++second) {
    const MonotonicTime now = kStart + seconds(second);
    if (policy_.DecideOnRefusal(policy_.generation(), now) != RefusalVerdict::kExchange) continue;
    ++exchanges;
    Exchange(now);
  }
  EXPECT_EQ(exchanges, 10);
}

TEST_F(RefreshPolicyTest, ARefusalDuringARenewalJoinsItAndMayStillExchange) {
  policy_.OnAccepted(Exchange(kStart));
  policy_.OnExchangeStarted();
  EXPECT_EQ(policy_.DecideOnRefusal(1, kStart + minutes(48)), RefusalVerdict::kJoin);
  const uint64_t renewed = policy_.OnExchanged({.requested_at = kStart + minutes(48), .lifetime = kHour});
  // It may have been issued before what made the service refuse.
  EXPECT_EQ(policy_.DecideOnRefusal(renewed, kStart + minutes(48)), RefusalVerdict::kExchange);
}

TEST_F(RefreshPolicyTest, AFailedExchangeAfterARefusalMakesRefusalsFinalForTheRetryInterval) {
  policy_.OnAccepted(Exchange(kStart));
  ASSERT_EQ(policy_.DecideOnRefusal(1, kStart), RefusalVerdict::kExchange);
  FailExchange(kOutage, kStart);
  EXPECT_EQ(policy_.DecideOnRefusal(1, kStart + seconds(59)), RefusalVerdict::kFinal);
  EXPECT_EQ(policy_.DecideOnRefusal(1, kStart + seconds(60)), RefusalVerdict::kExchange);
}

TEST_F(RefreshPolicyTest, AcceptanceOfAnOldTokenSaysNothingOfTheCurrentOne) {
  const uint64_t first = Exchange(kStart);
  ASSERT_EQ(policy_.DecideOnRefusal(first, kStart), RefusalVerdict::kExchange);
  Exchange(kStart);
  const uint64_t renewed = Exchange(kStart + seconds(1));
  policy_.OnAccepted(first);
  EXPECT_EQ(policy_.DecideOnRefusal(renewed, kStart + seconds(2)), RefusalVerdict::kExchange);  // Still fresh.
}

}  // namespace
}  // namespace cosfuse
