#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/op_context.h"
#include "base/secret.h"

namespace cosfuse {

/// A bearer token, and which of this process's tokens it is. Empty `bearer`: the request goes out without one.
struct AccessToken {
  Secret bearer;
  uint64_t generation = 0;
};

/// Where requests get their authorisation from. Thread-safe.
class TokenSource {
 public:
  virtual ~TokenSource() = default;

  /// The token to use now. Waits for an exchange only when there is no valid token; then all callers share one
  /// exchange. Errors: kUnauthenticated (IAM says no: the message names cause and remedy), kUnavailable and kTimedOut
  /// (IAM cannot be reached), kCancelled, kWouldWait. Call it with no lock held.
  virtual Result<AccessToken> Get(const OpContext& context) = 0;

  /// A service accepted `token` (any answer but 401 and 403).
  virtual void OnAccepted(const AccessToken& token) = 0;

  /// A service answered 401 or 403 to a request under `token`. Returns whether the request should be sent once more,
  /// with what Get then returns: the token was replaced meanwhile, or one exchange was made because of this refusal
  /// (at most one per 60 s, or if this token never succeeded). May wait for that exchange; a failed exchange
  /// means no. Call it with no lock held.
  virtual bool OnRefused(const OpContext& context, const AccessToken& token) = 0;
};

}  // namespace cosfuse
