#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "auth/grant.h"
#include "auth/iam_exchange.h"
#include "auth/refresh_policy.h"
#include "auth/token_source.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/thread.h"
#include "http/transport.h"

namespace cosfuse {

/// Tokens of IAM, by way of a grant (a trusted profile, an API key): its credential, read anew from its file each time,
/// is exchanged for an access token.
///
/// One thread makes all exchanges, so there is one at a time however many callers wait, and a caller that gives up
/// stops nothing. It renews the token in the background from 80 % of its life, whether or not somebody asks, once
/// somebody has. When, is decided by RefreshPolicy. Thread-safe; the destructor cuts an exchange short.
class IamTokenSource final : public TokenSource {
 public:
  struct Options {
    std::string iam_endpoint = std::string(kDefaultIamEndpoint);
    /// Between attempts while there is no valid token. IBM's SDKs stop growing at 30 s.
    RetryPolicy backoff{.cap = std::chrono::seconds(30)};
  };

  /// The references outlive this object. No request is made before the first Get.
  IamTokenSource(Options options, std::unique_ptr<const Grant> grant, Transport& transport, const Clock& clock,
                 Random& random);
  /// No other call may be running any more.
  ~IamTokenSource() override;

  /// Without a valid token it waits, until the context's deadline or patience ends, through failures that may pass, and
  /// then returns the last of them.
  Result<AccessToken> Get(const OpContext& context) override EXCLUDES(mutex_);
  void OnAccepted(const AccessToken& token) override EXCLUDES(mutex_);
  bool OnRefused(const OpContext& context, const AccessToken& token) override EXCLUDES(mutex_);

 private:
  struct Exchanged {
    IssuedToken token;
    MonotonicTime requested_at;
  };

  void Run() EXCLUDES(mutex_);
  Result<Exchanged> Exchange();
  Result<Exchanged> ExchangeOnce(PreparedGrant& prepared);
  void Conclude(Result<Exchanged> result) REQUIRES(mutex_);
  Cancellation::Registration WakeOnCancel(const OpContext& context) EXCLUDES(mutex_);

  const Options options_;
  const std::unique_ptr<const Grant> grant_;
  Transport& transport_;
  const Clock& clock_;
  Random& random_;
  const std::shared_ptr<Cancellation> shutdown_ = std::make_shared<Cancellation>();

  Mutex mutex_;
  CondVar work_;     ///< For the thread: an exchange may be due, or the end.
  CondVar changed_;  ///< For callers: an attempt has ended, or one of them was cancelled.
  bool stopping_ GUARDED_BY(mutex_) = false;
  RefreshPolicy policy_ GUARDED_BY(mutex_);
  AccessToken current_ GUARDED_BY(mutex_);
  std::optional<Error> last_error_ GUARDED_BY(mutex_);  ///< Of the last attempt, if it failed.
  uint64_t attempts_ended_ GUARDED_BY(mutex_) = 0;
  int waiting_ GUARDED_BY(mutex_) = 0;  ///< Callers that will return the error of a failed attempt.

  Thread thread_;
};

}  // namespace cosfuse
