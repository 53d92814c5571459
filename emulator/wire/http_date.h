#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace cosfuse::emulator {

/// "Thu, 01 Jan 2026 00:00:00 GMT" (RFC 9110, IMF-fixdate).
std::string FormatHttpDate(WallTime time);
/// Reads an IMF-fixdate. Nothing on any other text.
std::optional<WallTime> ParseHttpDate(std::string_view text);
/// "2026-01-01T00:00:00.000Z", as LIST shows times.
std::string FormatIso8601(WallTime time);

}  // namespace cosfuse::emulator
