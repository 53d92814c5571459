#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "http/retry.h"

namespace cosfuse {

/// When a token that lives for a time is renewed and when it counts as invalid.
///
/// The shares are those of IBM's SDKs, which assume an hour (renewal from 80 %, again each 60 s, invalid 10 s before
/// the end), scaled down for shorter lives.
struct TokenLife {
  MonotonicTime requested_at;  ///< When the exchange was sent: whatever the clocks of others say, no later.
  Duration lifetime{0};

  MonotonicTime RenewFrom() const { return requested_at + lifetime / 5 * 4; }
  MonotonicTime InvalidFrom() const;
  /// Between attempts to renew it while it still serves.
  Duration RetryInterval() const;
};

/// What a caller that needs a token does.
enum class TokenNeed {
  kUseCurrent,  ///< There is a valid one.
  kFail,        ///< There is none, IAM has said no lately, and it is not time to ask again.
  kWait,        ///< There is none; an exchange is under way or due.
};

/// What a request that was answered 401 or 403 does.
enum class RefusalVerdict {
  kTryAgain,  ///< Its token has been replaced meanwhile.
  kExchange,  ///< A new token may help: get one, then try again.
  kJoin,      ///< An exchange is under way or due already: wait for it, then try again.
  kFinal,     ///< The refusal is the answer.
};

/// Decides when to exchange tokens, for one source of them. A state machine without clock, thread or lock: its owner
/// reports what happens and asks what to do. At most one exchange is under way at a time.
class RefreshPolicy {
 public:
  /// Between exchanges that refusals cause, once a token that one of them brought was refused as well.
  static constexpr Duration kRefusalInterval = std::chrono::seconds(60);
  /// Until IAM is asked again after it has said no: configuration is repaired while we run.
  static constexpr Duration kFinalFailureInterval = std::chrono::seconds(30);

  explicit RefreshPolicy(RetryPolicy backoff) : backoff_(backoff) {}

  /// The number of the current token; 0 before the first.
  uint64_t generation() const { return generation_; }
  bool IsValid(MonotonicTime now) const { return life_ && now < life_->InvalidFrom(); }

  /// What a caller does now. kWait makes an exchange due.
  TokenNeed DecideNeed(MonotonicTime now);

  /// When the next exchange is due; nothing while one is under way, or while nobody has ever asked for a token. A
  /// moment in the past means now.
  std::optional<MonotonicTime> NextExchange() const;

  void OnExchangeStarted();
  /// Returns the new token's generation.
  uint64_t OnExchanged(TokenLife life);
  /// `uniform` in [0, 1) is the jitter of back-off.
  void OnExchangeFailed(const Error& error, MonotonicTime now, double uniform);

  /// A service took the token of that generation.
  void OnAccepted(uint64_t generation);

  /// A service refused a token of `refused_generation`. After kExchange an exchange is due at once.
  ///
  /// A token that was replaced meanwhile: try again. Otherwise one exchange if the token never succeeded (unless a
  /// refusal brought it already), or if the last exchange that a refusal caused is 60 s ago. After a failed one,
  /// refusals are final until the next attempt would be due.
  RefusalVerdict DecideOnRefusal(uint64_t refused_generation, MonotonicTime now);

 private:
  const RetryPolicy backoff_;

  uint64_t generation_ = 0;
  std::optional<TokenLife> life_;
  bool wanted_ = false;  ///< Somebody has asked for a token.
  bool exchanging_ = false;
  int failures_ = 0;                                 ///< In a row.
  bool failed_finally_ = false;                      ///< The last failure was IAM's no.
  MonotonicTime not_before_ = MonotonicTime::min();  ///< No exchange earlier, after a failure.

  bool refusal_pending_ = false;     ///< An exchange that a refusal caused is due or under way.
  bool accepted_ = false;            ///< The current token has succeeded somewhere.
  bool brought_by_refusal_ = false;  ///< The current token came from an exchange that a refusal caused.
  MonotonicTime refusal_not_before_ = MonotonicTime::min();  ///< After a failed exchange that a refusal caused.
  std::optional<MonotonicTime> refusal_exchanged_at_;        ///< The last successful one.
};

}  // namespace cosfuse
