#include "emulator/iam/iam_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

/// Whose the API keys are.
constexpr std::string_view kServiceId = "ServiceId-00000000-0000-4000-8000-000000000003";

int64_t ToUnixSeconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Reply MakeForcedReply(const ForcedAnswer& forced, std::string_view request_id, WallTime now) {
  Reply reply = forced.html ? MakeHtmlReply(forced.error.status) : MakeIamErrorReply(forced.error, request_id, now);
  if (forced.retry_after) reply.headers.emplace_back("Retry-After", std::to_string(*forced.retry_after));
  return reply;
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
      api_keys_(std::move(options.api_keys)),
      hmac_keys_(std::move(options.hmac_keys)),
      key_(std::move(key)),
      clock_(clock),
      random_(random),
      policy_(std::move(options.profiles)),
      token_lifetime_(options.token_lifetime) {}

Reply IamService::Exchange(std::string_view form, std::string_view request_id) {
  const WallTime now = clock_.WallNow();
  if (const auto forced = forced_answers_.Take()) return MakeForcedReply(*forced, request_id, now);
  const auto fields = Query::Parse(form);
  if (!fields) return MakeIamErrorReply({400, "BXNIM0109E", "The form cannot be decoded.", ""}, request_id, now);
  auto decided = Decide(*fields, now);
  if (!decided) return MakeIamErrorReply(decided.error(), request_id, now);

  const Duration lifetime = token_lifetime_.load();
  const auto token = Issue(decided->first, std::move(decided->second), lifetime);
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

std::expected<std::pair<IamService::Subject, Grantee>, IamError> IamService::Decide(const Query& form,
                                                                                    WallTime now) const {
  ASSIGN_OR_RETURN(const GrantType grant_type, ParseGrantType(form));
  std::string grant(form.Get("grant_type"));
  if (grant_type == GrantType::kApiKey) {
    ASSIGN_OR_RETURN(const ApiKey key, DecideApiKey(form, api_keys_));
    return std::pair(Subject{std::string(kServiceId), "ServiceId", std::move(grant)}, Grantee(key.roles));
  }
  ASSIGN_OR_RETURN(const ExchangeRequest request, ParseExchange(form));
  const auto claims = ReadServiceAccountToken(request.cr_token, key_);
  ASSIGN_OR_RETURN(const TrustedProfile profile, DecideExchange(request, claims, policy_.profiles(), audience_, now));
  return std::pair(Subject{profile.id, "ComputeResource", std::move(grant)}, Grantee(profile.id));
}

const HmacKey* IamService::FindHmacKey(std::string_view access_key) const {
  const auto found = std::ranges::find(hmac_keys_, access_key, &HmacKey::access_key);
  return found == hmac_keys_.end() ? nullptr : &*found;
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
  return Issue({"Profile-control-interface", "ComputeResource", "urn:ibm:params:oauth:grant-type:cr-token"}, roles,
               token_lifetime_.load());
}

Result<std::string> IamService::Issue(const Subject& subject, Grantee grantee, Duration lifetime) {
  const WallTime now = clock_.WallNow();
  AccessTokenClaims claims;
  claims.identifier = subject.identifier;
  claims.sub_type = subject.sub_type;
  claims.grant_type = subject.grant_type;
  claims.account = AccountId();
  claims.token_id = random_.Hex(16);
  claims.issued_at = ToUnixSeconds(now);
  claims.expires_at = ToUnixSeconds(now + lifetime);
  ASSIGN_OR_RETURN(std::string token, MakeAccessToken(claims, key_));
  tokens_.Add(token, std::move(grantee), clock_.Now(), lifetime);
  return token;
}

}  // namespace cosfuse::emulator
