#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace cosfuse {

/// Reads a date of HTTP (Last-Modified, Date, Retry-After) in any of the three forms that a recipient must accept:
/// "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994". The day of the week
/// is not checked. A two-digit year is the nearest one that is not more than 50 years after `now`. Nothing for any
/// other text, an impossible date, or a year outside 1970 to 2261 (WallTime's range). Pure. Source: RFC 9110, 5.6.7.
std::optional<WallTime> ParseHttpDate(std::string_view text, WallTime now);

/// The same where a two-digit year (obsolete since RFC 2068) need not be understood to the century: 1970 to 2069.
std::optional<WallTime> ParseHttpDate(std::string_view text);

/// "Sun, 06 Nov 1994 08:49:37 GMT": the form that RFC 9110 asks senders for. Fractions of a second are cut off. Pure.
std::string FormatHttpDate(WallTime time);

}  // namespace cosfuse
