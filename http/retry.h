#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "base/op_context.h"
#include "base/random.h"

namespace cosfuse {

/// Whether an attempt that ended with `code` is worth another one. The one table of this kind: whoever makes an Error
/// chooses its code with this in mind. Pure.
bool IsRetryable(ErrorCode code);

/// How long to wait between attempts: exponential back-off with full jitter, so that clients which failed together do
/// not come back together.
struct RetryPolicy {
  Duration base = std::chrono::milliseconds(100);  ///< Upper end of the first wait; doubles with each retry.
  Duration cap = std::chrono::seconds(10);         ///< Upper end of every wait.
  /// A service's Retry-After is honoured up to here.
  Duration retry_after_cap = std::chrono::seconds(30);
};

/// The wait before the `retry`-th retry in a row (from 1), for a random number `uniform` in [0, 1). Pure.
Duration BackoffDelay(const RetryPolicy& policy, int retry, double uniform);

/// Where a loop of attempts stands after one has failed.
struct RetryState {
  int retry = 1;                ///< The retry in question, from 1; counts from the last progress.
  MonotonicTime last_progress;  ///< When the operation began, or last moved on.
  MonotonicTime now;
  MonotonicTime deadline;
  Duration patience;
};

/// The wait before another attempt; nothing to give up: the error is final, or the wait would reach the deadline or the
/// end of patience. Pure.
std::optional<Duration> DecideRetry(const RetryPolicy& policy, const Error& error, const RetryState& state,
                                    double uniform);

/// One budget for the retries of all requests, so that an ailing service is not hammered: a token bucket that is full
/// at first, filled by first tries and, slowly, by time, and drained by retries. Empty, it does not forbid a retry but
/// spaces retries out, over all operations together. Thread-safe.
class RetryBudget {
 public:
  struct Options {
    double capacity = 100;     ///< Retries at once after a quiet time.
    double per_request = 0.1;  ///< What a first try adds.
    double per_second = 20;    ///< What a second adds: the pace of retries during a long outage.
  };

  explicit RetryBudget(Options options) : options_(options), tokens_(options.capacity) {}
  RetryBudget() : RetryBudget(Options{}) {}

  void OnFirstTry(MonotonicTime now) EXCLUDES(mutex_);
  /// Takes one retry out, in advance if need be, and returns how long to wait for it; nothing is taken and nothing
  /// returned where that is longer than `limit`.
  std::optional<Duration> TakeRetry(MonotonicTime now, Duration limit) EXCLUDES(mutex_);
  double tokens() const EXCLUDES(mutex_);

 private:
  void FillLocked(MonotonicTime now) REQUIRES(mutex_);

  const Options options_;
  mutable Mutex mutex_;
  double tokens_ GUARDED_BY(mutex_);
  std::optional<MonotonicTime> filled_at_ GUARDED_BY(mutex_);
};

/// What loops of attempts share. References: owned by whoever built them, and outliving every loop.
struct RetryEnvironment {
  Clock& clock;
  Random& random;
  RetryBudget& budget;
  RetryPolicy policy;
};

/// One attempt, as the function under RunWithRetries sees it.
struct RetryAttempt {
  int number = 1;     ///< Counts from 1 over the whole loop.
  OpContext context;  ///< The operation's, with the patience that is left. Use it for everything in the attempt.
  /// Set it where the attempt moved the operation on although it failed (bytes of a download that is resumed): patience
  /// and back-off then begin anew.
  bool made_progress = false;
};

/// The state behind RunWithRetries. Used by one thread.
class RetryLoop {
 public:
  RetryLoop(const OpContext& context, const RetryEnvironment& environment);
  RetryAttempt& attempt() { return attempt_; }
  /// After a failed attempt: waits and makes the next one ready, or returns the error to end with.
  Result<> PrepareNext(const Error& error);

 private:
  const OpContext& context_;
  const RetryEnvironment& environment_;
  const Duration patience_;
  RetryAttempt attempt_;
  int retry_ = 0;
  MonotonicTime last_progress_;
};

/// Calls `function(RetryAttempt&) -> Result<T>` until it succeeds, fails for good, or the operation's deadline,
/// patience, cancellation or guard ends it; returns the last result, or kCancelled. The end of the operation itself
/// (kCancelled, its deadline) is never retried, a stall of one attempt is. Blocks in between on the clock. Call it with
/// no lock held.
template <typename Function>
std::invoke_result_t<Function&, RetryAttempt&> RunWithRetries(const OpContext& context,
                                                              const RetryEnvironment& environment,
                                                              Function&& function) {
  RetryLoop loop(context, environment);
  for (;;) {
    auto result = function(loop.attempt());
    if (result) return result;
    RETURN_IF_ERROR(loop.PrepareNext(result.error()));
  }
}

}  // namespace cosfuse
