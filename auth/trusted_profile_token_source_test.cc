#include "auth/trusted_profile_token_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "auth/fake_token_disk.h"
#include "auth/jwt_fixture.h"
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

class TrustedProfileTokenSourceTest : public ::testing::Test {
 protected:
  TrustedProfileTokenSourceTest() {
    transport_.SetHandler([this](const FakeTransport::Request&) { return Token(++issued_); });
  }

  static Answer Token(int number, int lifetime = 3600) {
    return Answer::Of(200, R"({"access_token":"token-)" + std::to_string(number) + R"(","expires_in":)" +
                               std::to_string(lifetime) + "}");
  }
  static Answer Refusal(std::string_view code) {
    return Answer::Of(400, R"({"errorCode":")" + std::string(code) + R"(","errorMessage":"m"})");
  }

  static TrustedProfileTokenSource::Options MakeOptions() {
    TrustedProfileTokenSource::Options options;
    options.profile.id = "Profile-1";
    options.token_file = "/tokens/token";
    options.backoff = {.base = Duration(0), .cap = Duration(0)};
    return options;
  }

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
  TrustedProfileTokenSource source_{MakeOptions(), disk_, transport_, clock_, random_};
};

TEST_F(TrustedProfileTokenSourceTest, ExchangesOnFirstUseAndThenServesFromMemory) {
  EXPECT_EQ(transport_.request_count(), 0U);
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(Get(), "token-1");
  ASSERT_EQ(transport_.request_count(), 1U);
  const auto request = transport_.requests().front();
  EXPECT_EQ(request.url, "https://iam.cloud.ibm.com/identity/token");
  EXPECT_THAT(request.body, HasSubstr("profile_id=Profile-1&cr_token=" + MakeTestJwt(kServiceAccountClaims)));
}

TEST_F(TrustedProfileTokenSourceTest, SixtyFourCallersWithoutATokenCauseOneExchange) {
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

TEST_F(TrustedProfileTokenSourceTest, SixtyFourCallersOnAnExpiredTokenCauseOneExchange) {
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

TEST_F(TrustedProfileTokenSourceTest, Pitfall46_RenewalHappensInTheBackgroundWhileTheOldTokenServes) {
  ASSERT_EQ(Get(), "token-1");
  Gate gate;
  transport_.SetHandler([&](const FakeTransport::Request&) {
    gate.Wait();
    return Token(++issued_);
  });
  clock_.Advance(minutes(48));
  EXPECT_EQ(Get(), "token-1");  // Does not wait for the exchange, which is held.
  EXPECT_EQ(Get(OpContext::Immediate()), "token-1");
  gate.Open();
  EXPECT_EQ(GetUntil("token-2"), "token-2");
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(TrustedProfileTokenSourceTest, Pitfall46_TheWallClockDoesNotMatter) {
  ASSERT_EQ(Get(), "token-1");
  clock_.AdvanceWall(std::chrono::hours(24));
  EXPECT_EQ(Get(), "token-1");
  clock_.AdvanceWall(-std::chrono::hours(48));
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 1U);
}

TEST_F(TrustedProfileTokenSourceTest, TheLifeCountsFromWhenTheRequestWasSent) {
  transport_.SetHandler([this](const FakeTransport::Request&) {
    clock_.Advance(minutes(59));  // A slow answer: little is left of the hour.
    return Token(++issued_);
  });
  ASSERT_EQ(Get(), "token-1");
  clock_.Advance(seconds(51));
  EXPECT_EQ(Get(OpContext::Immediate()), "WouldWait");
}

TEST_F(TrustedProfileTokenSourceTest, EachExchangeReadsTheFileAnew) {
  ASSERT_EQ(Get(), "token-1");
  const std::string rotated = MakeTestJwt(R"({"jti":"rotated"})");
  disk_.SetContent(rotated + "\n");
  clock_.Advance(minutes(61));
  ASSERT_EQ(Get(), "token-2");
  EXPECT_TRUE(transport_.requests()[1].body.ends_with("&cr_token=" + rotated));
}

TEST_F(TrustedProfileTokenSourceTest, ATokenRefusedByIamIsReadAgainOnce) {
  const std::string rotated = MakeTestJwt(R"({"jti":"rotated"})");
  disk_.ReplaceAfterRead(rotated);
  transport_.Push(Refusal("BXNIM0439E"));
  EXPECT_EQ(Get(), "token-1");
  ASSERT_EQ(transport_.request_count(), 2U);
  EXPECT_TRUE(transport_.requests()[1].body.ends_with("&cr_token=" + rotated));
}

TEST_F(TrustedProfileTokenSourceTest, ATokenRefusedByIamIsNotSentAgainUnchanged) {
  transport_.Push(Refusal("BXNIM0439E"));
  EXPECT_EQ(Get(), "Unauthenticated");
  EXPECT_EQ(transport_.request_count(), 1U);
  EXPECT_EQ(disk_.reads().size(), 2U);
}

TEST_F(TrustedProfileTokenSourceTest, AnOutageThatPassesIsWaitedFor) {
  transport_.Push(Answer::Failure(ErrorCode::kUnavailable, "cannot connect"));
  transport_.Push(Answer::Of(503, "<html></html>"));
  transport_.Push(Answer::Of(429));
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 4U);
}

TEST_F(TrustedProfileTokenSourceTest, AnOutageLongerThanPatienceIsTheErrorOfTheLastAttempt) {
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

TEST_F(TrustedProfileTokenSourceTest, ANoOfIamFailsEveryCallerUntilItIsAskedAgain) {
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

TEST_F(TrustedProfileTokenSourceTest, AMissingFileIsExplainedWithoutAskingIam) {
  disk_.SetError(Error(ErrorCode::kNotFound, "no such file"));
  const auto token = source_.Get(OpContext());
  ASSERT_FALSE(token);
  EXPECT_THAT(token.error().message(), HasSubstr("/tokens/token does not exist"));
  EXPECT_EQ(transport_.request_count(), 0U);
}

TEST_F(TrustedProfileTokenSourceTest, AWaitingCallerCanBeCancelledWithoutStoppingTheExchange) {
  Gate gate;
  const auto cancellation = std::make_shared<Cancellation>();
  transport_.SetHandler([&](const FakeTransport::Request&) {
    cancellation->Cancel();
    gate.Wait();
    return Token(++issued_);
  });
  EXPECT_EQ(Get(OpContext().WithCancellation(cancellation)), "Cancelled");
  gate.Open();
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 1U);
}

TEST_F(TrustedProfileTokenSourceTest, AnImmediateCallerWithoutATokenIsToldSo) {
  EXPECT_EQ(Get(OpContext::Immediate()), "WouldWait");
}

TEST_F(TrustedProfileTokenSourceTest, ARefusalCausesOneExchangeForAllItsCallers) {
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

TEST_F(TrustedProfileTokenSourceTest, ASecondRefusalIsTheAnswer) {
  auto token = source_.Get(OpContext());
  source_.OnAccepted(*token);
  ASSERT_TRUE(source_.OnRefused(OpContext(), *token));
  token = source_.Get(OpContext());
  EXPECT_FALSE(source_.OnRefused(OpContext(), *token));
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(TrustedProfileTokenSourceTest, AFailedExchangeAfterARefusalMeansNoAndKeepsTheOldToken) {
  const auto token = source_.Get(OpContext());
  source_.OnAccepted(*token);
  transport_.Push(Answer::Of(503));
  EXPECT_FALSE(source_.OnRefused(OpContext(), *token));
  EXPECT_EQ(Get(), "token-1");
  EXPECT_EQ(transport_.request_count(), 2U);
}

TEST_F(TrustedProfileTokenSourceTest, ACallerThatMayNotWaitIsNotHeldByARefusal) {
  const auto token = source_.Get(OpContext());
  Gate gate;
  transport_.SetHandler([&](const FakeTransport::Request&) {
    gate.Wait();
    return Token(++issued_);
  });
  EXPECT_FALSE(source_.OnRefused(OpContext::Immediate(), *token));
  gate.Open();
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

TEST(TrustedProfileTokenSource, DestructionWithoutUseIsPrompt) {
  const FakeClock clock;
  SeededRandom random(1);
  FakeTokenDisk disk(MakeTestJwt(kServiceAccountClaims));
  BlackHole black_hole;
  TrustedProfileTokenSource::Options options;
  options.profile.id = "Profile-1";
  options.token_file = "/tokens/token";
  const TrustedProfileTokenSource source(options, disk, black_hole, clock, random);
}

TEST(TrustedProfileTokenSource, DestructionDuringAnExchangeIsPrompt) {
  const SystemClock clock;
  SeededRandom random(1);
  FakeTokenDisk disk(MakeTestJwt(kServiceAccountClaims));
  BlackHole black_hole;
  TrustedProfileTokenSource::Options options;
  options.profile.id = "Profile-1";
  options.token_file = "/tokens/token";
  TrustedProfileTokenSource source(options, disk, black_hole, clock, random);
  const auto cancellation = std::make_shared<Cancellation>();
  ThreadPool pool({.name = "caller", .max_threads = 1});
  pool.Post(
      [&] { EXPECT_EQ(source.Get(OpContext().WithCancellation(cancellation)).error().code(), ErrorCode::kCancelled); });
  black_hole.WaitUntilEntered();
  cancellation->Cancel();
}

}  // namespace
}  // namespace cosfuse
