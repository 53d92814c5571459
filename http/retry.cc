#include "http/retry.h"

#include <algorithm>
#include <string>

#include "base/log.h"

namespace cosfuse {

bool IsRetryable(ErrorCode code) {
  switch (code) {
    case ErrorCode::kConflictInProgress:
    case ErrorCode::kThrottled:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimedOut:
    case ErrorCode::kCorrupt: return true;
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kStale:
    case ErrorCode::kNotModified:
    case ErrorCode::kAccessDenied:
    case ErrorCode::kNotPermitted:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kReadOnly:
    case ErrorCode::kNotEmpty:
    case ErrorCode::kNotDirectory:
    case ErrorCode::kIsDirectory:
    case ErrorCode::kNameTooLong:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported:
    case ErrorCode::kTooLarge:
    case ErrorCode::kNoSpace:
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kBusy:
    case ErrorCode::kArchived:
    case ErrorCode::kCancelled:
    case ErrorCode::kWouldWait:
    case ErrorCode::kProtocol:
    case ErrorCode::kUntrustedPeer:
    case ErrorCode::kMissingBucket:
    case ErrorCode::kMissingUpload:
    case ErrorCode::kBadHandle:
    case ErrorCode::kNoAttribute:
    case ErrorCode::kTooManyLinks:
    case ErrorCode::kInternal: return false;
  }
  return false;
}

Duration BackoffDelay(const RetryPolicy& policy, int retry, double uniform) {
  Duration ceiling = std::min(policy.base, policy.cap);
  for (int i = 1; i < retry && ceiling < policy.cap; ++i) ceiling = std::min(ceiling * 2, policy.cap);
  return std::chrono::duration_cast<Duration>(ceiling * uniform);
}

std::optional<Duration> DecideRetry(const RetryPolicy& policy, const Error& error, const RetryState& state,
                                    double uniform) {
  if (!IsRetryable(error.code())) return std::nullopt;
  Duration delay = BackoffDelay(policy, state.retry, uniform);
  // Jitter on top: everyone who was told the same number must not come back in the same moment.
  if (error.retry_after()) delay += std::min<Duration>(*error.retry_after(), policy.retry_after_cap);
  const Duration waited = state.now - state.last_progress;
  if (waited >= state.patience || delay >= state.patience - waited) return std::nullopt;
  if (state.now >= state.deadline || delay >= state.deadline - state.now) return std::nullopt;
  return delay;
}

void RetryBudget::OnFirstTry(MonotonicTime now) {
  MutexLock lock(mutex_);
  FillLocked(now);
  tokens_ = std::min(options_.capacity, tokens_ + options_.per_request);
}

std::optional<Duration> RetryBudget::TakeRetry(MonotonicTime now, Duration limit) {
  MutexLock lock(mutex_);
  FillLocked(now);
  const double left = tokens_ - 1;
  const double seconds = left >= 0 ? 0 : -left / options_.per_second;
  const auto wait = std::chrono::duration<double>(seconds);
  if (wait > limit) return std::nullopt;
  tokens_ = left;
  return std::chrono::duration_cast<Duration>(wait);
}

double RetryBudget::tokens() const {
  MutexLock lock(mutex_);
  return tokens_;
}

void RetryBudget::FillLocked(MonotonicTime now) {
  if (filled_at_ && now > *filled_at_) {
    const std::chrono::duration<double> passed = now - *filled_at_;
    tokens_ = std::min(options_.capacity, tokens_ + passed.count() * options_.per_second);
  }
  if (!filled_at_ || now > *filled_at_) filled_at_ = now;
}

RetryLoop::RetryLoop(const OpContext& context, const RetryEnvironment& environment)
    : context_(context),
      environment_(environment),
      // Keeps sums of times far from overflow.
      patience_(std::min<Duration>(context.patience(), std::chrono::days(1))),
      last_progress_(environment.clock.Now()) {
  attempt_.context = context;
  environment_.budget.OnFirstTry(last_progress_);
}

Result<> RetryLoop::PrepareNext(const Error& error) {
  const MonotonicTime now = environment_.clock.Now();
  if (attempt_.made_progress) {
    last_progress_ = now;
    retry_ = 0;
  }
  const RetryState state{.retry = ++retry_,
                         .last_progress = last_progress_,
                         .now = now,
                         .deadline = context_.deadline(),
                         .patience = patience_};
  const auto delay = DecideRetry(environment_.policy, error, state, environment_.random.Uniform());
  if (!delay) return Fail(error);
  const MonotonicTime end = std::min(state.deadline, last_progress_ + patience_);
  const auto turn = environment_.budget.TakeRetry(now, end - now - *delay);
  if (!turn) return Fail(error.WithContext("the budget of retries is exhausted"));

  Log(LogLevel::kDebug, "trying again", {{"attempt", std::to_string(attempt_.number)}, {"error", error.ToString()}});
  RETURN_IF_ERROR(environment_.clock.Sleep(context_, *delay + *turn));
  RETURN_IF_ERROR(context_.CheckMayRetry());
  attempt_.number += 1;
  attempt_.made_progress = false;
  attempt_.context = context_.WithPatience(patience_ - (environment_.clock.Now() - last_progress_));
  return {};
}

}  // namespace cosfuse
