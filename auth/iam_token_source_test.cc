#include "auth/iam_token_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "auth/fake_token_disk.h"
#include "auth/jwt_fixture.h"
#include "auth/trusted_profile_grant.h"
#include "base/fake_clock.h"
#include "base/thread_pool.h"
#include "http/fake_transport.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

using Answer = FakeTransport::Answer;

/// Opens once; threads wait for it.
class Gate {
 public:
  void Open() {
    open_ = true;
    open_.notify_all();
  }
  void Wait() { open_.wait(false); }

 private:
  std::atomic<bool> open_ = false;
};

std::unique_ptr<const Grant> MakeProfileGrant(Disk& disk) {
  return std::make_unique<TrustedProfileGrant>(TrustedProfile{.id = "Profile-1", .name = {}, .crn = {}}, disk,
                                               "/tokens/token");
}

class IamTokenSourceTest : public ::testing::Test {
 protected:
  IamTokenSourceTest() {
    transport_.SetHandler([this](const FakeTransport::Request&) { return Token(++issued_); });
  }

  static Answer Token(int number, int lifetime = 3600) {
    return Answer::Of(200, R"({"access_token":"token-)" + std::to_string(number) + R"(","expires_in":)" +
                               std::to_string(lifetime) + "}");
  }
  static Answer Refusal(std::string_view code) {
    return Answer::Of(400, R"({"errorCode":")" + std::string(code) + R"(","errorMessage":"m"})");
  }

  static IamTokenSource::Options MakeOptions() { return {.backoff = {.base = Duration(0), .cap = Duration(0)}}; }

  /// What Get yields now, by the token's text; the error's code name where it fails.
  std::string Get(const OpContext& context = OpContext()) {
    const auto token = source_.Get(context);
    return token ? token->bearer.Reveal() : std::string(ErrorCodeName(token.error().code()));
  }

  /// Asks until the background renewal that the clock has made due shows.
  std::string GetUntil(const std::string& expected) {
    std::string token = Get();
    while (token != expected) token = Get();
    return token;
  }

  FakeClock clock_;
  SeededRandom random_{1};
  FakeTokenDisk disk_{MakeTestJwt(kServiceAccountClaims)};
  FakeTransport transport_;
  std::atomic<int> issued_ = 0;
  /// Outlives the source, whose exchange may still be at it when a test's body has ended.
  Gate gate_;
  IamTokenSource source_{MakeOptions(), MakeProfileGrant(disk_), transport_, clock_, random_};
};

TEST_F(IamTokenSourceTest, ExchangesOnFirstUseAndThenServesFromMemory) {
  EXPECT_EQ(transport_.request_count(), 0U);
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(Get(), "token-1");
  ASSERT_EQ(transport_.request_count(), 1U);
  const auto request = transport_.requests().front();
  EXPECT_EQ(request.url, "https://iam.cloud.ibm.com/identity/token");
  EXPECT_THAT(request.body, HasSubstr("profile_id=Profile-1&cr_token=" + MakeTestJwt(kServiceAccountClaims)));
}

TEST_F(IamTokenSourceTest, SixtyFourCallersWithoutATokenCauseOneExchange) {
  constexpr int kCallers = 64;
  std::atomic<int> asked = 0;
  transport_.SetHandler([this, &asked](const FakeTransport::Request&) {
    for (int seen = asked; seen < kCallers; seen = asked) asked.wait(seen);
    return Token(++issued_);
  });
  std::atomic<int> served = 0;
  {
    ThreadPool pool({.name = "callers", .max_threads = kCallers});
    for (int i = 0; i < kCallers; ++i) {
      pool.Post([&] {
        ++asked;
        asked.notify_all();
        if (Get() == "token-1") ++served;
      });
    }
  }
  EXPECT_EQ(served, kCallers);
  EXPECT_EQ(transport_.request_count(), 1U);
}

TEST_F(IamTokenSourceTest, SixtyFourCallersOnAnExpiredTokenCauseOneExchange) {
  constexpr int kCallers = 64;
  ASSERT_EQ(Get(), "token-1");
  clock_.Advance(minutes(61));
  std::atomic<int> asked = 0;
  transport_.SetHandler([this, &asked](const FakeTransport::Request&) {
    for (int seen = asked; seen < kCallers; seen = asked) asked.wait(seen);
    return Token(++issued_);
  });
  std::atomic<int> served = 0;
  {
    ThreadPool pool({.name = "callers", .max_threads = kCallers});
    for (int i = 0; i < kCallers; ++i) {
      pool.Post([&] {
        ++asked;
        asked.notify_all();
        if (Get() == "token-2") ++served;
      });
    }
  }
  EXPECT_EQ(served, kCallers);
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(IamTokenSourceTest, Pitfall46_RenewalHappensInTheBackgroundWhileTheOldTokenServes) {
  ASSERT_EQ(Get(), "token-1");
  transport_.SetHandler([&](const FakeTransport::Request&) {
    gate_.Wait();
    return Token(++issued_);
  });
  clock_.Advance(minutes(48));
  EXPECT_EQ(Get(), "token-1");  // Does not wait for the exchange, which is held.
  EXPECT_EQ(Get(OpContext::Immediate()), "token-1");
  gate_.Open();
  EXPECT_EQ(GetUntil("token-2"), "token-2");
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(IamTokenSourceTest, Pitfall46_TheWallClockDoesNotMatter) {
  ASSERT_EQ(Get(), "token-1");
  clock_.AdvanceWall(std::chrono::hours(24));
  EXPECT_EQ(Get(), "token-1");
  clock_.AdvanceWall(-std::chrono::hours(48));
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 1U);
}

TEST_F(IamTokenSourceTest, Pitfall46_AClockThatIsWrongBy20MinutesChangesNoLifetime) {
  // By IAM's clock the token ends in an hour; by this one it ended 20 minutes ago, then lives 20 minutes too long.
  const int64_t wall = std::chrono::duration_cast<seconds>(clock_.WallNow().time_since_epoch()).count();
  int number = 0;
  for (const int64_t skew : {-4800, 4800}) {
    transport_.SetHandler([&, skew](const FakeTransport::Request&) {
      return Answer::Of(200, R"({"access_token":"token-)" + std::to_string(++issued_) +
                                 R"(","expires_in":3600,"expiration":)" + std::to_string(wall + skew) + "}");
    });
    ++number;
    EXPECT_EQ(Get(), "token-" + std::to_string(number));
    clock_.Advance(minutes(47));
    EXPECT_EQ(Get(), "token-" + std::to_string(number)) << skew;
    EXPECT_EQ(transport_.request_count(), static_cast<size_t>(number)) << skew;
    clock_.Advance(minutes(14));
  }
}

TEST_F(IamTokenSourceTest, TheLifeCountsFromWhenTheRequestWasSent) {
  transport_.SetHandler([this](const FakeTransport::Request&) {
    if (issued_ > 0) return Answer::Of(503);  // The renewal, which is due at once.
    clock_.Advance(minutes(59));              // A slow answer: little is left of the hour.
    return Token(++issued_);
  });
  ASSERT_EQ(Get(), "token-1");
  clock_.Advance(seconds(51));
  EXPECT_EQ(Get(OpContext::Immediate()), "WouldWait");
}

TEST_F(IamTokenSourceTest, EachExchangeReadsTheFileAnew) {
  ASSERT_EQ(Get(), "token-1");
  const std::string rotated = MakeTestJwt(R"({"jti":"rotated"})");
  disk_.SetContent(rotated + "\n");
  clock_.Advance(minutes(61));
  ASSERT_EQ(Get(), "token-2");
  EXPECT_TRUE(transport_.requests()[1].body.ends_with("&cr_token=" + rotated));
}

TEST_F(IamTokenSourceTest, ATokenRefusedByIamIsReadAgainOnce) {
  const std::string rotated = MakeTestJwt(R"({"jti":"rotated"})");
  disk_.ReplaceAfterRead(rotated);
  transport_.Push(Refusal("BXNIM0439E"));
  EXPECT_EQ(Get(), "token-1");
  ASSERT_EQ(transport_.request_count(), 2U);
  EXPECT_TRUE(transport_.requests()[1].body.ends_with("&cr_token=" + rotated));
}

TEST_F(IamTokenSourceTest, ATokenRefusedByIamIsNotSentAgainUnchanged) {
  transport_.Push(Refusal("BXNIM0439E"));
  EXPECT_EQ(Get(), "Unauthenticated");
  EXPECT_EQ(transport_.request_count(), 1U);
  EXPECT_EQ(disk_.reads().size(), 2U);
}

TEST_F(IamTokenSourceTest, AnOutageThatPassesIsWaitedFor) {
  transport_.Push(Answer::Failure(ErrorCode::kUnavailable, "cannot connect"));
  transport_.Push(Answer::Of(503, "<html></html>"));
  transport_.Push(Answer::Of(429));
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 4U);
}

TEST_F(IamTokenSourceTest, AnOutageLongerThanPatienceIsTheErrorOfTheLastAttempt) {
  transport_.SetHandler([this](const FakeTransport::Request&) {
    clock_.Advance(seconds(20));
    return Answer::Failure(ErrorCode::kTimedOut, "cannot connect to iam.cloud.ibm.com:443: timed out");
  });
  const auto token = source_.Get(OpContext().WithPatience(seconds(60)));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code(), ErrorCode::kTimedOut);
  EXPECT_THAT(token.error().message(), HasSubstr("IAM cannot be reached: cannot connect to iam.cloud.ibm.com:443"));
  EXPECT_THAT(token.error().message(), HasSubstr("private.iam.cloud.ibm.com"));
}

TEST_F(IamTokenSourceTest, ANoOfIamFailsEveryCallerUntilItIsAskedAgain) {
  transport_.Push(Refusal("BXNIM0398E"));
  const auto refused = source_.Get(OpContext());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_THAT(refused.error().message(), HasSubstr("service account till of namespace shop"));
  EXPECT_THAT(refused.error().ToString(), Not(HasSubstr(MakeTestJwt(kServiceAccountClaims))));
  clock_.Advance(seconds(29));
  EXPECT_EQ(Get(), "Unauthenticated");
  EXPECT_EQ(transport_.request_count(), 1U);
  clock_.Advance(seconds(1));  // The profile was linked meanwhile.
  EXPECT_EQ(Get(), "token-1");
}

TEST_F(IamTokenSourceTest, AProfileThatIsRepairedLiveWorksWithoutARestart) {
  transport_.SetHandler([](const FakeTransport::Request&) { return Refusal("BXNIM0398E"); });
  // Callers come all the time; IAM is asked twice a minute.
  for (int second = 0; second < 299; ++second) {
    EXPECT_EQ(Get(), "Unauthenticated") << second;
    clock_.Advance(seconds(1));
  }
  EXPECT_EQ(transport_.request_count(), 10U);
  transport_.SetHandler([this](const FakeTransport::Request&) { return Token(++issued_); });
  clock_.Advance(seconds(1));
  EXPECT_EQ(Get(), "token-1");
}

TEST_F(IamTokenSourceTest, AProfileThatIsUnlinkedLiveServesToItsTokensEndAndWorksAgainOnceLinked) {
  ASSERT_EQ(Get(), "token-1");
  transport_.SetHandler([](const FakeTransport::Request&) { return Refusal("BXNIM0398E"); });
  clock_.Advance(minutes(50));
  EXPECT_EQ(Get(), "token-1");
  clock_.Advance(minutes(11));
  EXPECT_EQ(Get(), "Unauthenticated");
  transport_.SetHandler([this](const FakeTransport::Request&) { return Token(++issued_); });
  clock_.Advance(seconds(30));
  EXPECT_EQ(Get(), "token-2");
}

TEST_F(IamTokenSourceTest, AMissingFileIsExplainedWithoutAskingIam) {
  disk_.SetError(Error(ErrorCode::kNotFound, "no such file"));
  const auto token = source_.Get(OpContext());
  ASSERT_FALSE(token);
  EXPECT_THAT(token.error().message(), HasSubstr("/tokens/token does not exist"));
  EXPECT_EQ(transport_.request_count(), 0U);
}

TEST_F(IamTokenSourceTest, AWaitingCallerCanBeCancelledWithoutStoppingTheExchange) {
  const auto cancellation = std::make_shared<Cancellation>();
  transport_.SetHandler([&](const FakeTransport::Request&) {
    cancellation->Cancel();
    gate_.Wait();
    return Token(++issued_);
  });
  EXPECT_EQ(Get(OpContext().WithCancellation(cancellation)), "Cancelled");
  gate_.Open();
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 1U);
}

TEST_F(IamTokenSourceTest, AnImmediateCallerWithoutATokenIsToldSo) {
  EXPECT_EQ(Get(OpContext::Immediate()), "WouldWait");
}

TEST_F(IamTokenSourceTest, ARefusalCausesOneExchangeForAllItsCallers) {
  constexpr int kCallers = 16;
  const auto refused = source_.Get(OpContext());
  ASSERT_TRUE(refused);
  source_.OnAccepted(*refused);
  std::atomic<int> again = 0;
  {
    ThreadPool pool({.name = "callers", .max_threads = kCallers});
    for (int i = 0; i < kCallers; ++i) {
      pool.Post([&] {
        if (source_.OnRefused(OpContext(), *refused)) ++again;
      });
    }
  }
  EXPECT_EQ(again, kCallers);
  EXPECT_EQ(Get(), "token-2");
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(IamTokenSourceTest, ASecondRefusalIsTheAnswer) {
  auto token = source_.Get(OpContext());
  source_.OnAccepted(*token);
  ASSERT_TRUE(source_.OnRefused(OpContext(), *token));
  token = source_.Get(OpContext());
  EXPECT_FALSE(source_.OnRefused(OpContext(), *token));
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(IamTokenSourceTest, AFailedExchangeAfterARefusalMeansNoAndKeepsTheOldToken) {
  const auto token = source_.Get(OpContext());
  source_.OnAccepted(*token);
  transport_.Push(Answer::Of(503));
  EXPECT_FALSE(source_.OnRefused(OpContext(), *token));
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(IamTokenSourceTest, ACallerThatMayNotWaitIsNotHeldByARefusal) {
  const auto token = source_.Get(OpContext());
  transport_.SetHandler([&](const FakeTransport::Request&) {
    gate_.Wait();
    return Token(++issued_);
  });
  EXPECT_FALSE(source_.OnRefused(OpContext::Immediate(), *token));
  gate_.Open();
}

/// A transport that answers only when it is cancelled.
class BlackHole final : public Transport {
 public:
  Result<HttpResponseHead> Send(const OpContext& context, const HttpRequest& /*request*/, BodySink& /*sink*/) override {
    Gate cancelled;
    const auto registration = context.OnCancel([&cancelled] { cancelled.Open(); });
    entered_.Open();
    cancelled.Wait();
    return Fail(ErrorCode::kCancelled, "interrupted");
  }
  void WaitUntilEntered() { entered_.Wait(); }

 private:
  Gate entered_;
};

TEST(IamTokenSource, DestructionWithoutUseIsPrompt) {
  const FakeClock clock;
  SeededRandom random(1);
  FakeTokenDisk disk(MakeTestJwt(kServiceAccountClaims));
  BlackHole black_hole;
  const IamTokenSource source({}, MakeProfileGrant(disk), black_hole, clock, random);
}

TEST(IamTokenSource, DestructionDuringAnExchangeIsPrompt) {
  const SystemClock clock;
  SeededRandom random(1);
  FakeTokenDisk disk(MakeTestJwt(kServiceAccountClaims));
  BlackHole black_hole;
  IamTokenSource source({}, MakeProfileGrant(disk), black_hole, clock, random);
  const auto cancellation = std::make_shared<Cancellation>();
  ThreadPool pool({.name = "caller", .max_threads = 1});
  pool.Post(
      [&] { EXPECT_EQ(source.Get(OpContext().WithCancellation(cancellation)).error().code(), ErrorCode::kCancelled); });
  black_hole.WaitUntilEntered();
  cancellation->Cancel();
}

TEST(IamTokenSource, SilenceUntilTheDeadlineNamesThePrivateHost) {
  const SystemClock clock;
  SeededRandom random(1);
  FakeTokenDisk disk(MakeTestJwt(kServiceAccountClaims));
  BlackHole black_hole;
  IamTokenSource source({}, MakeProfileGrant(disk), black_hole, clock, random);
  const auto token = source.Get(OpContext().WithDeadline(clock.Now() + milliseconds(20)));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code(), ErrorCode::kTimedOut);
  EXPECT_THAT(token.error().message(), HasSubstr("no answer from https://iam.cloud.ibm.com/identity/token in time"));
  EXPECT_THAT(token.error().message(), HasSubstr("https://private.iam.cloud.ibm.com"));
}

}  // namespace
}  // namespace cosfuse
