#include "emulator/iam/iam_service.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

int64_t ToUnixSeconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

Reply MakeIamErrorReply(const IamError& error, std::string_view request_id, WallTime now) {
  nlohmann::json body = {{"context",
                          {{"requestId", request_id},
                           {"requestType", "incoming.Identity_Token"},
                           {"url", "https://iam.cloud.ibm.com"},
                           {"startTime", FormatHttpDate(now)},
                           {"endTime", FormatHttpDate(now)},
                           {"elapsedTime", "1"},
                           {"locale", "en_US"},
                           {"clusterName", "emulator"}}},
                         {"errorCode", error.code},
                         {"errorMessage", error.message}};
  if (!error.details.empty()) body["errorDetails"] = error.details;
  return Reply::Text(error.status, "application/json", body.dump());
}

IamService::IamService(Options options, RsaKey key, const Clock& clock, Random& random)
    : audience_(std::move(options.audience)),
      key_(std::move(key)),
      clock_(clock),
      random_(random),
      policy_(std::move(options.profiles)),
      token_lifetime_(options.token_lifetime) {}

Reply IamService::Exchange(std::string_view form, std::string_view request_id) {
  const WallTime now = clock_.WallNow();
  const auto fields = Query::Parse(form);
  if (!fields) return MakeIamErrorReply({400, "BXNIM0109E", "The form cannot be decoded.", ""}, request_id, now);
  const auto request = ParseExchange(*fields);
  if (!request) return MakeIamErrorReply(request.error(), request_id, now);
  const auto claims = ReadServiceAccountToken(request->cr_token, key_);
  const auto profile = DecideExchange(*request, claims, policy_.profiles(), audience_, now);
  if (!profile) return MakeIamErrorReply(profile.error(), request_id, now);

  const Duration lifetime = token_lifetime_.load();
  const auto token = Issue(profile->id, profile->id, lifetime);
  if (!token) return MakeIamErrorReply({500, "BXNIM0500E", token.error().message(), ""}, request_id, now);
  exchanges_.fetch_add(1);
  const nlohmann::json body = {{"access_token", *token},
                               {"refresh_token", "not_supported"},
                               {"token_type", "Bearer"},
                               {"expires_in", std::chrono::duration_cast<std::chrono::seconds>(lifetime).count()},
                               {"expiration", ToUnixSeconds(now + lifetime)},
                               {"scope", "ibm openid"}};
  return Reply::Text(200, "application/json", body.dump());
}

std::optional<RoleSet> IamService::RolesOf(std::string_view authorization) const {
  const auto token = BearerToken(authorization);
  if (!token) return std::nullopt;
  const auto grantee = tokens_.Find(*token, clock_.Now());
  if (!grantee) return std::nullopt;
  if (const auto* roles = std::get_if<RoleSet>(&*grantee)) return *roles;
  return policy_.RolesOf(std::get<std::string>(*grantee));
}

Result<std::string> IamService::IssueToken(RoleSet roles) {
  return Issue("Profile-control-interface", roles, token_lifetime_.load());
}

Result<std::string> IamService::Issue(const std::string& profile_id, Grantee grantee, Duration lifetime) {
  const WallTime now = clock_.WallNow();
  AccessTokenClaims claims;
  claims.profile_id = profile_id;
  claims.account = AccountId();
  claims.token_id = random_.Hex(16);
  claims.issued_at = ToUnixSeconds(now);
  claims.expires_at = ToUnixSeconds(now + lifetime);
  ASSIGN_OR_RETURN(std::string token, MakeAccessToken(claims, key_));
  tokens_.Add(token, std::move(grantee), clock_.Now(), lifetime);
  return token;
}

}  // namespace cosfuse::emulator
