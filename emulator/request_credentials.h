#pragma once

#include <optional>

#include "emulator/cos/payload.h"
#include "emulator/cos/s3_error.h"
#include "emulator/iam/iam_service.h"
#include "emulator/iam/roles.h"
#include "emulator/wire/message.h"

namespace cosfuse::emulator {

/// Who sends a request to COS, and what they vouch for.
struct RequestCredentials {
  bool anonymous = false;
  std::optional<RoleSet> roles;  ///< Nothing where nobody is known: no token, or one that is not good.
  PayloadFormat payload;
};

/// Reads the Authorization header: a bearer token of IAM, or a signature by HMAC credentials, which is verified. A
/// token that is not good is no error here: what follows from it depends on the bucket. Errors: those of
/// ParseSignature, kInvalidAccessKeyId, kSignatureDoesNotMatch.
S3Result<RequestCredentials> ReadCredentials(const IamService& iam, const RequestHead& head, WallTime now);

}  // namespace cosfuse::emulator
