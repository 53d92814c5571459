#pragma once

#include <string>

#include "emulator/iam/roles.h"

namespace cosfuse::emulator {

/// An API key of a service ID: IAM exchanges it for an access token.
struct ApiKey {
  std::string key;
  RoleSet roles = Role::kWriter;
};

/// HMAC credentials of a service ID: with them a client signs its requests to COS (AWS Signature Version 4).
struct HmacKey {
  std::string access_key;
  std::string secret;
  RoleSet roles = Role::kWriter;
};

}  // namespace cosfuse::emulator
