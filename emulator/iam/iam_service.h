#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "emulator/iam/access_tokens.h"
#include "emulator/iam/credentials.h"
#include "emulator/iam/forced_answer.h"
#include "emulator/iam/rsa_key.h"
#include "emulator/iam/token_exchange.h"
#include "emulator/iam/trust_policy.h"
#include "emulator/wire/message.h"

namespace cosfuse::emulator {

/// The JSON in which IAM reports an error.
Reply MakeIamErrorReply(const IamError& error, std::string_view request_id, WallTime now);

/// IAM: exchanges projected tokens and API keys for access tokens, and knows what those permit. Thread-safe.
class IamService {
 public:
  struct Options {
    std::vector<TrustedProfile> profiles{TrustedProfile{}};
    std::vector<ApiKey> api_keys;
    std::vector<HmacKey> hmac_keys;
    std::string audience = "iam";
    Duration token_lifetime = std::chrono::hours(1);
  };

  /// `key` signs the projected tokens as well as the access tokens. `clock` and `random` must outlive the service.
  IamService(Options options, RsaKey key, const Clock& clock, Random& random);

  /// `POST /identity/token` with `form` as its body.
  Reply Exchange(std::string_view form, std::string_view request_id);

  /// The HMAC credentials with this access key. Null where there are none; valid as long as the service.
  const HmacKey* FindHmacKey(std::string_view access_key) const;

  /// The roles behind an Authorization header; nothing for one that is no good token.
  std::optional<RoleSet> RolesOf(std::string_view authorization) const;

  /// A token with fixed roles. Errors: kInternal.
  Result<std::string> IssueToken(RoleSet roles);
  void RevokeAllTokens() { tokens_.RevokeAll(); }
  /// For tokens issued from now on.
  void SetTokenLifetime(Duration lifetime) { token_lifetime_.store(lifetime); }
  bool SetRoles(const std::string& profile_id, RoleSet roles) { return policy_.SetRoles(profile_id, roles); }

  /// What is answered instead of a token, until it is used up or cleared.
  ForcedAnswers& forced_answers() { return forced_answers_; }

  /// Exchanges that gave a token.
  uint64_t exchanges() const { return exchanges_.load(); }
  void ResetCounters() { exchanges_.store(0); }

 private:
  /// What stands in a token, beyond the times.
  struct Subject {
    std::string identifier;
    std::string sub_type;
    std::string grant_type;
  };
  /// Who the form lets in. Errors: IAM's.
  std::expected<std::pair<Subject, Grantee>, IamError> Decide(const Query& form, WallTime now) const;
  Result<std::string> Issue(const Subject& subject, Grantee grantee, Duration lifetime);

  const std::string audience_;
  const std::vector<ApiKey> api_keys_;
  const std::vector<HmacKey> hmac_keys_;
  const RsaKey key_;
  const Clock& clock_;
  Random& random_;

  TrustPolicy policy_;
  AccessTokens tokens_;
  ForcedAnswers forced_answers_;
  std::atomic<Duration> token_lifetime_;
  std::atomic<uint64_t> exchanges_{0};
};

}  // namespace cosfuse::emulator
