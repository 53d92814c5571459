#include "auth/iam_token_source.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace cosfuse {
namespace {

constexpr ByteCount kLongestAnswer = kMiB;
// Enough for a token that no growth of the buffer leaves copies behind.
constexpr size_t kUsualAnswer = 16 * kKiB;

// One attempt: longer than a slow IAM takes, short enough that a renewal is tried again while the old token serves.
constexpr Duration kAttemptPatience = std::chrono::seconds(20);
constexpr Duration kAttemptLimit = std::chrono::seconds(60);

/// When a caller stops waiting.
MonotonicTime EndOfWait(const OpContext& context, MonotonicTime now) {
  constexpr Duration kLongestWait = std::chrono::days(1);  // Keeps the sum far from overflow.
  return std::min(context.deadline(), now + std::min(context.patience(), kLongestWait));
}

int64_t Seconds(Duration duration) { return std::chrono::duration_cast<std::chrono::seconds>(duration).count(); }

}  // namespace

IamTokenSource::IamTokenSource(Options options, std::unique_ptr<const Grant> grant, Transport& transport,
                               const Clock& clock, Random& random)
    : options_(std::move(options)),
      grant_(std::move(grant)),
      transport_(transport),
      clock_(clock),
      random_(random),
      policy_(options_.backoff),
      thread_("token", [this] { Run(); }) {}

IamTokenSource::~IamTokenSource() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    work_.NotifyAll();
  }
  shutdown_->Cancel();
}

Result<AccessToken> IamTokenSource::Get(const OpContext& context) {
  const MonotonicTime start = clock_.Now();
  {
    MutexLock lock(mutex_);
    if (policy_.DecideNeed(start) == TokenNeed::kUseCurrent) {
      // The thread wakes by itself; this covers a machine that was suspended.
      if (const auto due = policy_.NextExchange(); due && *due <= start) work_.NotifyOne();
      return current_;
    }
  }
  RETURN_IF_ERROR(context.CheckMayWait(start));
  const MonotonicTime end = EndOfWait(context, start);
  const auto registration = WakeOnCancel(context);
  MutexLock lock(mutex_);
  for (;;) {
    const MonotonicTime now = clock_.Now();
    const TokenNeed need = policy_.DecideNeed(now);
    if (need == TokenNeed::kUseCurrent) return current_;
    if (need == TokenNeed::kFail) return Fail(*last_error_);
    if (context.cancelled()) return Fail(ErrorCode::kCancelled, "interrupted");
    if (now >= end) {
      if (last_error_) return Fail(*last_error_);
      const Error silence(ErrorCode::kTimedOut, "no answer from " + IamTokenUrl(options_.iam_endpoint) + " in time");
      return Fail(ExplainUnreachableIam(silence, options_.iam_endpoint));
    }
    work_.NotifyOne();
    ++waiting_;
    changed_.WaitUntil(mutex_, end);
    --waiting_;
  }
}

void IamTokenSource::OnAccepted(const AccessToken& token) {
  MutexLock lock(mutex_);
  policy_.OnAccepted(token.generation);
}

bool IamTokenSource::OnRefused(const OpContext& context, const AccessToken& token) {
  const MonotonicTime start = clock_.Now();
  const MonotonicTime end = EndOfWait(context, start);
  const auto registration = WakeOnCancel(context);
  MutexLock lock(mutex_);
  switch (policy_.DecideOnRefusal(token.generation, start)) {
    case RefusalVerdict::kTryAgain: return true;
    case RefusalVerdict::kFinal: return false;
    case RefusalVerdict::kExchange: work_.NotifyOne(); break;
    case RefusalVerdict::kJoin: break;
  }
  const uint64_t attempts_before = attempts_ended_;
  while (attempts_ended_ == attempts_before && context.may_wait() && !context.cancelled() && clock_.Now() < end) {
    changed_.WaitUntil(mutex_, end);
  }
  return policy_.generation() != token.generation;
}

void IamTokenSource::Run() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    const auto due = policy_.NextExchange();
    if (!due || *due > clock_.Now()) {
      work_.WaitUntil(mutex_, due.value_or(MonotonicTime::max()));
      continue;
    }
    policy_.OnExchangeStarted();
    lock.Unlock();
    auto result = Exchange();
    lock.Lock();
    if (!stopping_) Conclude(std::move(result));
  }
}

Result<IamTokenSource::Exchanged> IamTokenSource::Exchange() {
  ASSIGN_OR_RETURN(PreparedGrant prepared, grant_->Prepare());
  auto result = ExchangeOnce(prepared);
  if (result || !RefusesCredential(result.error())) return result;
  // The file may have been renewed between our reading and IAM's.
  ASSIGN_OR_RETURN(PreparedGrant renewed, grant_->Prepare());
  if (renewed.credential.Reveal() == prepared.credential.Reveal()) return result;
  return ExchangeOnce(renewed);
}

Result<IamTokenSource::Exchanged> IamTokenSource::ExchangeOnce(PreparedGrant& prepared) {
  prepared.context.endpoint = options_.iam_endpoint;
  SpanBodySource body(std::as_bytes(std::span(prepared.form.Reveal())));
  const HttpRequest request = BuildExchangeRequest(options_.iam_endpoint, body);
  StringBodySink answer(kLongestAnswer);
  answer.body().reserve(kUsualAnswer);

  const MonotonicTime requested_at = clock_.Now();
  const auto context =
      OpContext().WithCancellation(shutdown_).WithPatience(kAttemptPatience).WithDeadline(requested_at + kAttemptLimit);
  const auto head = transport_.Send(context, request, answer);
  if (!head) {
    WipeString(answer.body());
    return Fail(ExplainUnreachableIam(head.error(), options_.iam_endpoint));
  }
  ASSIGN_OR_RETURN(IssuedToken token, ParseExchangeAnswer(*head, answer.body(), prepared.context, clock_.WallNow()));
  return Exchanged{.token = std::move(token), .requested_at = requested_at};
}

void IamTokenSource::Conclude(Result<Exchanged> result) {
  ++attempts_ended_;
  changed_.NotifyAll();
  if (!result) {
    // Callers that wait return the error and so have it logged at their edge.
    Log(waiting_ > 0 ? LogLevel::kDebug : LogLevel::kWarning, "no new access token",
        {{"identity", grant_->label()}, {"error", result.error().ToString()}});
    policy_.OnExchangeFailed(result.error(), clock_.Now(), random_.Uniform());
    last_error_ = std::move(result).error();
    return;
  }
  const Duration lifetime = result->token.lifetime;
  current_.bearer = std::move(result->token.bearer);
  current_.generation = policy_.OnExchanged({.requested_at = result->requested_at, .lifetime = lifetime});
  last_error_.reset();
  Log(LogLevel::kInfo, "access token obtained",
      {{"identity", grant_->label()},
       {"generation", std::to_string(current_.generation)},
       {"lifetime_s", std::to_string(Seconds(lifetime))}});
}

Cancellation::Registration IamTokenSource::WakeOnCancel(const OpContext& context) {
  return context.OnCancel([this] {
    MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
}

}  // namespace cosfuse
