#pragma once

#include <optional>
#include <string>

#include "auth/jwt_claims.h"
#include "base/clock.h"

namespace cosfuse {

/// Whether the times of a service-account token are why IAM refuses it: in one line with cause and remedy if it has
/// expired or is not valid yet. `now` is this machine's clock, `iam_now` IAM's, which decides where it is known; a
/// clock of this machine that differs from it by more than two minutes is named. Pure.
std::optional<std::string> ExplainTokenTimes(const JwtClaims& claims, WallTime now, std::optional<WallTime> iam_now);

}  // namespace cosfuse
