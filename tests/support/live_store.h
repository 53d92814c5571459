#pragma once

#include <string>
#include <utility>

#include "auth/token_source.h"
#include "base/clock.h"
#include "base/random.h"
#include "cos/client.h"
#include "http/curl_transport.h"
#include "http/retry.h"

namespace cosfuse::testing {

/// One token for ever.
class StaticTokenSource final : public TokenSource {
 public:
  explicit StaticTokenSource(std::string bearer) : token_{.bearer = Secret(std::move(bearer)), .generation = 1} {}
  Result<AccessToken> Get(const OpContext& /*context*/) override { return token_; }
  void OnAccepted(const AccessToken& /*token*/) override {}
  bool OnRefused(const OpContext& /*context*/, const AccessToken& /*token*/) override { return false; }

 private:
  const AccessToken token_;
};

/// A CosClient over sockets, and all that it stands on.
struct LiveStore {
  /// `retry_clock` outlives it.
  LiveStore(BucketAddress address, std::string bearer, CurlTransport::Options options, Clock& retry_clock,
            const RetryPolicy& policy = {})
      : tokens(std::move(bearer)),
        transport(std::move(options), clock),
        client(std::move(address), transport, tokens,
               RetryEnvironment{.clock = retry_clock, .random = random, .budget = budget, .policy = policy}) {}

  SystemClock clock;
  SystemRandom random;
  RetryBudget budget;
  StaticTokenSource tokens;
  CurlTransport transport;
  CosClient client;
};

}  // namespace cosfuse::testing
