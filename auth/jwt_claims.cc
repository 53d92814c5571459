#include "auth/jwt_claims.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/encoding.h"

namespace cosfuse {
namespace {

using nlohmann::json;

/// The member at the end of `path`; null where there is none.
const json* Find(const json& object, std::initializer_list<const char*> path) {
  const json* value = &object;
  for (const char* name : path) {
    if (!value->is_object()) return nullptr;
    const auto member = value->find(name);
    if (member == value->end()) return nullptr;
    value = &*member;
  }
  return value;
}

std::string GetString(const json& object, std::initializer_list<const char*> path) {
  const json* const value = Find(object, path);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

/// Seconds since the epoch, as RFC 7519 has them: a number that may have a fraction.
std::optional<WallTime> GetTime(const json& object, const char* name) {
  const json* const value = Find(object, {name});
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double seconds = value->get<double>();
  constexpr double kLast = 9e9;  // The year 2255: WallTime ends in 2262.
  if (!(seconds >= 0 && seconds <= kLast)) return std::nullopt;
  return WallTime(std::chrono::seconds(static_cast<int64_t>(seconds)));
}

/// One name or a list of names (RFC 7519, 4.1.3).
std::vector<std::string> GetAudiences(const json& claims) {
  std::vector<std::string> audiences;
  const json* const value = Find(claims, {"aud"});
  if (value == nullptr) return audiences;
  if (value->is_string()) return {value->get<std::string>()};
  if (!value->is_array()) return audiences;
  for (const json& entry : *value) {
    if (entry.is_string()) audiences.push_back(entry.get<std::string>());
  }
  return audiences;
}

/// "system:serviceaccount:NAMESPACE:NAME": what older clusters say instead of the kubernetes.io claim.
void ReadServiceAccountSubject(JwtClaims& claims) {
  constexpr std::string_view kPrefix = "system:serviceaccount:";
  const std::string_view subject = claims.subject;
  if (!subject.starts_with(kPrefix)) return;
  const std::string_view names = subject.substr(kPrefix.size());
  const size_t colon = names.find(':');
  if (colon == std::string_view::npos) return;
  if (claims.kubernetes_namespace.empty()) claims.kubernetes_namespace = names.substr(0, colon);
  if (claims.service_account.empty()) claims.service_account = names.substr(colon + 1);
}

/// The three parts; nothing where there are more, fewer or empty ones.
std::optional<std::array<std::string_view, 3>> SplitJwt(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  const std::array parts = {token.substr(0, first), token.substr(first + 1, second - first - 1),
                            token.substr(second + 1)};
  if (std::ranges::any_of(parts, &std::string_view::empty)) return std::nullopt;
  return parts;
}

}  // namespace

bool LooksLikeJwt(std::string_view token) {
  const auto parts = SplitJwt(token);
  return parts && std::ranges::all_of(*parts, [](std::string_view part) { return Base64Decode(part).has_value(); });
}

std::optional<JwtClaims> ParseJwtClaims(std::string_view token) {
  const auto parts = SplitJwt(token);
  if (!parts) return std::nullopt;
  const auto payload = Base64Decode((*parts)[1]);
  if (!payload) return std::nullopt;
  const json object = json::parse(*payload, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return std::nullopt;

  JwtClaims claims;
  claims.subject = GetString(object, {"sub"});
  claims.issuer = GetString(object, {"iss"});
  claims.audiences = GetAudiences(object);
  claims.issued_at = GetTime(object, "iat");
  claims.not_before = GetTime(object, "nbf");
  claims.expires_at = GetTime(object, "exp");
  claims.kubernetes_namespace = GetString(object, {"kubernetes.io", "namespace"});
  claims.service_account = GetString(object, {"kubernetes.io", "serviceaccount", "name"});
  claims.pod = GetString(object, {"kubernetes.io", "pod", "name"});
  claims.account = GetString(object, {"account", "bss"});
  claims.iam_id = GetString(object, {"iam_id"});
  claims.identifier = GetString(object, {"identifier"});
  claims.sub_type = GetString(object, {"sub_type"});
  ReadServiceAccountSubject(claims);
  return claims;
}

}  // namespace cosfuse
