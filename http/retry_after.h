#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace cosfuse {

/// How long a service asks to wait: the value of a Retry-After header, seconds or an HTTP date. A date in the past is
/// zero. Nothing where the value is neither. At most one day, whatever the service says. Pure.
/// Source: RFC 9110, 10.2.3.
std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value, WallTime now);

}  // namespace cosfuse
