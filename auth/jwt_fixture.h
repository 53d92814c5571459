#pragma once

#include <string>
#include <string_view>

#include "base/encoding.h"

namespace cosfuse {

/// A token with these claims (JSON) and a signature that nobody could verify, for tests.
inline std::string MakeTestJwt(std::string_view claims) {
  const auto part = [](std::string_view text) {
    std::string encoded = Base64Encode(AsBytes(text));
    while (encoded.ends_with('=')) encoded.pop_back();
    for (char& c : encoded) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return encoded;
  };
  return part(R"({"alg":"RS256","kid":"test"})") + "." + part(claims) + "." + part("not a signature");
}

/// The claims of a projected service-account token of namespace "shop", service account "till".
inline constexpr std::string_view kServiceAccountClaims = R"({
  "aud": ["iam"], "exp": 1767229200, "iat": 1767225600, "iss": "https://kubernetes.default.svc",
  "sub": "system:serviceaccount:shop:till",
  "kubernetes.io": {"namespace": "shop", "pod": {"name": "till-0"}, "serviceaccount": {"name": "till"}}})";

}  // namespace cosfuse
