#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace cosfuse {

/// What a JSON web token says of itself. Read to explain failures and for `cosfuse token`, never to decide anything:
/// nothing here is verified, only the services do that. Members that the token lacks are empty.
struct JwtClaims {
  std::string subject;
  std::string issuer;
  std::vector<std::string> audiences;
  std::optional<WallTime> issued_at;
  std::optional<WallTime> not_before;
  std::optional<WallTime> expires_at;

  // Of a projected service-account token (Kubernetes, "Bound service account tokens").
  std::string kubernetes_namespace;
  std::string service_account;
  std::string pod;

  // Of an access token of IBM Cloud IAM.
  std::string account;     ///< `account.bss`: the id of the account.
  std::string iam_id;      ///< "iam-Profile-…".
  std::string identifier;  ///< "Profile-…".
  std::string sub_type;    ///< "ComputeResource".
};

/// Whether the text has the form of a JSON web token: three parts of URL-safe base64, joined by dots. Pure.
bool LooksLikeJwt(std::string_view token);

/// Nothing where the second part is no base64 of a JSON object. A claim of an unexpected type counts as missing. Pure.
std::optional<JwtClaims> ParseJwtClaims(std::string_view token);

}  // namespace cosfuse
