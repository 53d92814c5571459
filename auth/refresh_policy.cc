#include "auth/refresh_policy.h"

#include <algorithm>

namespace cosfuse {

MonotonicTime TokenLife::InvalidFrom() const {
  return requested_at + lifetime - std::min<Duration>(std::chrono::seconds(10), lifetime / 10);
}

Duration TokenLife::RetryInterval() const { return std::min<Duration>(std::chrono::seconds(60), lifetime / 20); }

TokenNeed RefreshPolicy::DecideNeed(MonotonicTime now) {
  if (IsValid(now)) return TokenNeed::kUseCurrent;
  if (failed_finally_ && !exchanging_ && now < not_before_) return TokenNeed::kFail;
  wanted_ = true;
  return TokenNeed::kWait;
}

std::optional<MonotonicTime> RefreshPolicy::NextExchange() const {
  if (exchanging_) return std::nullopt;
  if (refusal_pending_) return MonotonicTime::min();
  if (!life_ && !wanted_) return std::nullopt;
  return std::max(life_ ? life_->RenewFrom() : MonotonicTime::min(), not_before_);
}

void RefreshPolicy::OnExchangeStarted() { exchanging_ = true; }

uint64_t RefreshPolicy::OnExchanged(TokenLife life) {
  exchanging_ = false;
  failures_ = 0;
  failed_finally_ = false;
  not_before_ = MonotonicTime::min();
  refusal_not_before_ = MonotonicTime::min();
  brought_by_refusal_ = refusal_pending_;
  if (refusal_pending_) refusal_exchanged_at_ = life.requested_at;
  refusal_pending_ = false;
  accepted_ = false;
  life_ = life;
  return ++generation_;
}

void RefreshPolicy::OnExchangeFailed(const Error& error, MonotonicTime now, double uniform) {
  exchanging_ = false;
  failures_ += 1;
  failed_finally_ = !IsRetryable(error.code());
  Duration delay = failed_finally_ ? kFinalFailureInterval : BackoffDelay(backoff_, failures_, uniform);
  if (IsValid(now)) delay = life_->RetryInterval();
  if (error.retry_after()) {
    delay = std::max(delay, std::min<Duration>(*error.retry_after(), backoff_.retry_after_cap));
  }
  not_before_ = now + delay;
  if (refusal_pending_) refusal_not_before_ = not_before_;
  refusal_pending_ = false;
}

void RefreshPolicy::OnAccepted(uint64_t generation) {
  if (generation == generation_) accepted_ = true;
}

RefusalVerdict RefreshPolicy::DecideOnRefusal(uint64_t refused_generation, MonotonicTime now) {
  if (refused_generation != generation_) return RefusalVerdict::kTryAgain;
  if (exchanging_ || refusal_pending_) return RefusalVerdict::kJoin;
  const bool fresh = !accepted_ && !brought_by_refusal_;
  const bool long_ago = !refusal_exchanged_at_ || now - *refusal_exchanged_at_ >= kRefusalInterval;
  if (now < refusal_not_before_ || (!fresh && !long_ago)) return RefusalVerdict::kFinal;
  refusal_pending_ = true;
  return RefusalVerdict::kExchange;
}

}  // namespace cosfuse
