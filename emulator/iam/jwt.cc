#include "emulator/iam/jwt.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kKeyId = "emulator-1";

std::string Base64Url(std::string_view bytes) {
  std::string text = Base64Encode(AsBytes(bytes));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

Result<std::string> SignToken(const Json& claims, const RsaKey& key) {
  const Json header = {{"alg", "RS256"}, {"kid", kKeyId}, {"typ", "JWT"}};
  std::string token = Base64Url(header.dump()) + "." + Base64Url(claims.dump());
  ASSIGN_OR_RETURN(const std::string signature, key.Sign(token));
  return token + "." + Base64Url(signature);
}

/// The JSON object behind one base64url part of a token; discarded where it is none.
Json DecodePart(std::string_view part) {
  const auto text = Base64Decode(part);
  return text ? Json::parse(*text, nullptr, false) : Json(Json::value_t::discarded);
}

std::string TextAt(const Json& object, const char* pointer) {
  const auto path = Json::json_pointer(pointer);
  if (!object.contains(path) || !object.at(path).is_string()) return {};
  return object.at(path).get<std::string>();
}

std::vector<std::string> ReadAudience(const Json& claims) {
  const auto found = claims.find("aud");  // RFC 7519: one string, or an array of them.
  if (found == claims.end()) return {};
  if (found->is_string()) return {found->get<std::string>()};
  std::vector<std::string> audience;
  if (found->is_array()) {
    for (const Json& entry : *found) {
      if (entry.is_string()) audience.push_back(entry.get<std::string>());
    }
  }
  return audience;
}

Result<ServiceAccountClaims> ReadClaims(const Json& claims) {
  const auto expiry = claims.find("exp");
  if (expiry == claims.end() || !expiry->is_number()) return Fail(ErrorCode::kInvalidArgument, "no claim exp");
  ServiceAccountClaims read;
  read.audience = ReadAudience(claims);
  read.expires_at = expiry->get<int64_t>();
  const auto issued = claims.find("iat");
  if (issued != claims.end() && issued->is_number()) read.issued_at = issued->get<int64_t>();
  read.namespace_name = TextAt(claims, "/kubernetes.io/namespace");
  read.service_account = TextAt(claims, "/kubernetes.io/serviceaccount/name");
  read.pod = TextAt(claims, "/kubernetes.io/pod/name");
  if (TextAt(claims, "/sub") != "system:serviceaccount:" + read.namespace_name + ":" + read.service_account) {
    return Fail(ErrorCode::kInvalidArgument, "sub does not name the service account");
  }
  return read;
}

}  // namespace

Result<std::string> MakeServiceAccountToken(const ServiceAccountClaims& claims, const RsaKey& key) {
  return SignToken({{"aud", claims.audience},
                    {"exp", claims.expires_at},
                    {"iat", claims.issued_at},
                    {"nbf", claims.issued_at},
                    {"iss", "https://kubernetes.default.svc.cluster.local"},
                    {"sub", "system:serviceaccount:" + claims.namespace_name + ":" + claims.service_account},
                    {"kubernetes.io",
                     {{"namespace", claims.namespace_name},
                      {"serviceaccount", {{"name", claims.service_account}}},
                      {"pod", {{"name", claims.pod}}}}}},
                   key);
}

Result<std::string> MakeAccessToken(const AccessTokenClaims& claims, const RsaKey& key) {
  return SignToken({{"iam_id", "iam-" + claims.identifier},
                    {"id", "iam-" + claims.identifier},
                    {"realmid", "iam"},
                    {"jti", claims.token_id},
                    {"identifier", claims.identifier},
                    {"sub", claims.identifier},
                    {"sub_type", claims.sub_type},
                    {"account", {{"valid", true}, {"bss", claims.account}, {"frozen", true}}},
                    {"iat", claims.issued_at},
                    {"exp", claims.expires_at},
                    {"iss", "https://iam.cloud.ibm.com/identity"},
                    {"grant_type", claims.grant_type},
                    {"scope", "ibm openid"},
                    {"client_id", "default"}},
                   key);
}

Result<ServiceAccountClaims> ReadServiceAccountToken(std::string_view token, const RsaKey& key) {
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) {
    return Fail(ErrorCode::kInvalidArgument, "not three parts with dots between them");
  }
  const Json header = DecodePart(token.substr(0, first));
  const Json claims = DecodePart(token.substr(first + 1, last - first - 1));
  const auto signature = Base64Decode(token.substr(last + 1));
  if (!header.is_object() || !claims.is_object() || !signature) {
    return Fail(ErrorCode::kInvalidArgument, "a part of it is not base64url or not JSON");
  }
  if (TextAt(header, "/alg") != "RS256") return Fail(ErrorCode::kInvalidArgument, "the algorithm is not RS256");
  if (!key.Verify(token.substr(0, last), *signature)) {
    return Fail(ErrorCode::kUnauthenticated, "the signature is wrong");
  }
  return ReadClaims(claims);
}

}  // namespace cosfuse::emulator
