#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "emulator/iam/rsa_key.h"

namespace cosfuse::emulator {

/// What kubelet's projected service-account token says. Times are seconds since 1970.
struct ServiceAccountClaims {
  std::vector<std::string> audience;
  int64_t issued_at = 0;
  int64_t expires_at = 0;
  std::string namespace_name;
  std::string service_account;
  std::string pod;
};

/// What IAM's access token says, beyond its fixed claims.
struct AccessTokenClaims {
  std::string identifier;  ///< "Profile-…" or "ServiceId-…".
  std::string sub_type;    ///< "ComputeResource" or "ServiceId".
  std::string grant_type;
  std::string account;
  std::string token_id;
  int64_t issued_at = 0;
  int64_t expires_at = 0;
};

/// Makes a signed token (JWS compact form, RS256). Errors: kInternal.
Result<std::string> MakeServiceAccountToken(const ServiceAccountClaims& claims, const RsaKey& key);
Result<std::string> MakeAccessToken(const AccessTokenClaims& claims, const RsaKey& key);

/// Reads a projected token whose signature is by `key`; whether its claims suit anybody is for the caller to say.
/// Errors: kInvalidArgument (not a JWT, not RS256, claims missing), kUnauthenticated (signature).
Result<ServiceAccountClaims> ReadServiceAccountToken(std::string_view token, const RsaKey& key);

}  // namespace cosfuse::emulator
