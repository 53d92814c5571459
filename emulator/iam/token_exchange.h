#pragma once

#include <expected>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "emulator/iam/credentials.h"
#include "emulator/iam/jwt.h"
#include "emulator/iam/trust_policy.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {

/// An answer of IAM that is not a token.
struct IamError {
  int status = 400;
  std::string code;     ///< "BXNIM0398E".
  std::string message;  ///< For errorMessage.
  std::string details;  ///< For errorDetails; may be empty.
};

/// The fields of a cr-token exchange.
struct ExchangeRequest {
  std::string cr_token;
  std::string profile_id;
  std::string profile_name;
  std::string profile_crn;
};

enum class GrantType { kComputeResourceToken, kApiKey };
/// Errors: BXNIM0109E (none), BXNIM0106E (another one).
std::expected<GrantType, IamError> ParseGrantType(const Query& form);

/// The API key that the form holds. Errors: BXNIM0109E (none), BXNIM0415E (it is not among `keys`). Pure.
std::expected<ApiKey, IamError> DecideApiKey(const Query& form, const std::vector<ApiKey>& keys);

/// Checks that the form of a cr-token exchange has all fields.
std::expected<ExchangeRequest, IamError> ParseExchange(const Query& form);

/// Whose profile the request may take on. `claims` is the projected token as ReadServiceAccountToken read it. Pure.
/// BXNIM0398E for a profile that does not exist as well as for one that is not linked: IAM does not tell them apart.
std::expected<TrustedProfile, IamError> DecideExchange(const ExchangeRequest& request,
                                                       const Result<ServiceAccountClaims>& claims,
                                                       const std::vector<TrustedProfile>& profiles,
                                                       const std::string& audience, WallTime now);

}  // namespace cosfuse::emulator
