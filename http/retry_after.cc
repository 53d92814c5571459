#include "http/retry_after.h"

#include <algorithm>

#include "base/encoding.h"
#include "http/http_date.h"

namespace cosfuse {

std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value, WallTime now) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::days(1);
  value = TrimWhitespace(value);
  if (value.empty()) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    int64_t seconds = 0;
    for (const char digit : value) {
      seconds = seconds * 10 + (digit - '0');
      if (std::chrono::seconds(seconds) >= kLongest) return kLongest;
    }
    return std::chrono::seconds(seconds);
  }
  const auto date = ParseHttpDate(value, now);
  if (!date) return std::nullopt;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*date - now);
  return std::clamp(wait, std::chrono::milliseconds(0), kLongest);
}

}  // namespace cosfuse
