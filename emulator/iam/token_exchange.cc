#include "emulator/iam/token_exchange.h"

#include <algorithm>

namespace cosfuse::emulator {
namespace {

constexpr std::string_view kTokenGrant = "urn:ibm:params:oauth:grant-type:cr-token";
constexpr std::string_view kApiKeyGrant = "urn:ibm:params:oauth:grant-type:apikey";

std::unexpected<IamError> Refuse(std::string code, std::string message, std::string details = {}) {
  return std::unexpected(IamError{400, std::move(code), std::move(message), std::move(details)});
}

bool Names(const ExchangeRequest& request, const TrustedProfile& profile) {
  return (request.profile_id.empty() || request.profile_id == profile.id) &&
         (request.profile_name.empty() || request.profile_name == profile.name) &&
         (request.profile_crn.empty() || request.profile_crn == ProfileCrn(profile));
}

}  // namespace

std::expected<GrantType, IamError> ParseGrantType(const Query& form) {
  const std::string_view grant_type = form.Get("grant_type");
  if (grant_type == kTokenGrant) return GrantType::kComputeResourceToken;
  if (grant_type == kApiKeyGrant) return GrantType::kApiKey;
  if (grant_type.empty()) return Refuse("BXNIM0109E", "Property missing or empty.", "grant_type");
  return Refuse("BXNIM0106E", "Validation of property 'grant_type' failed.", "The grant type is not supported.");
}

std::expected<ApiKey, IamError> DecideApiKey(const Query& form, const std::vector<ApiKey>& keys) {
  const std::string_view given = form.Get("apikey");
  if (given.empty()) return Refuse("BXNIM0109E", "Property missing or empty.", "apikey");
  const auto found = std::ranges::find(keys, given, &ApiKey::key);
  if (found == keys.end()) return Refuse("BXNIM0415E", "Provided API key could not be found.");
  return *found;
}

std::expected<ExchangeRequest, IamError> ParseExchange(const Query& form) {
  ExchangeRequest request{std::string(form.Get("cr_token")), std::string(form.Get("profile_id")),
                          std::string(form.Get("profile_name")), std::string(form.Get("profile_crn"))};
  if (request.cr_token.empty()) return Refuse("BXNIM0109E", "Property missing or empty.", "cr_token");
  if (request.profile_id.empty() && request.profile_name.empty() && request.profile_crn.empty()) {
    return Refuse("BXNIM0109E", "Property missing or empty.", "profile_id");
  }
  return request;
}

std::expected<TrustedProfile, IamError> DecideExchange(const ExchangeRequest& request,
                                                       const Result<ServiceAccountClaims>& claims,
                                                       const std::vector<TrustedProfile>& profiles,
                                                       const std::string& audience, WallTime now) {
  if (!claims) return Refuse("BXNIM0408E", "Provided token is not valid.", claims.error().message());
  const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (claims->expires_at <= seconds) {
    return Refuse(
        "BXNIM0407E", "Provided token is expired.",
        "Token expired at " + std::to_string(claims->expires_at) + ", current time " + std::to_string(seconds) + ".");
  }
  if (std::ranges::find(claims->audience, audience) == claims->audience.end()) {
    return Refuse("BXNIM0439E", "Provided token has a wrong audience.", "Expected audience: " + audience + ".");
  }
  const auto found = std::ranges::find_if(profiles, [&](const TrustedProfile& p) { return Names(request, p); });
  if (found == profiles.end() || found->namespace_name != claims->namespace_name ||
      found->service_account != claims->service_account || found->cluster != kOwnCluster) {
    return Refuse("BXNIM0398E", "The selected trusted profile is not eligible for the provided compute resource token.",
                  "No trust relationship matches the token.");
  }
  return *found;
}

}  // namespace cosfuse::emulator
