#include "app/parse_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/encoding.h"

namespace cosfuse {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerAlphanumeric(char c) { return IsDigit(c) || (c >= 'a' && c <= 'z'); }

std::optional<ByteCount> SizeUnit(std::string_view unit) {
  std::string lower = ToLowerAscii(unit);
  if (lower.ends_with("ib")) {
    lower.resize(lower.size() - 2);
    if (lower.empty()) return std::nullopt;
  } else if (lower.ends_with('b')) {
    lower.pop_back();
  }
  if (lower.empty()) return 1;
  constexpr std::string_view kUnits = "kmgtp";
  const size_t power = kUnits.find(lower);
  if (lower.size() != 1 || power == std::string_view::npos) return std::nullopt;
  return ByteCount{1} << (10 * (power + 1));
}

}  // namespace

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<ByteCount> ParseSize(std::string_view text) {
  const size_t digits = static_cast<size_t>(std::ranges::find_if_not(text, IsDigit) - text.begin());
  const std::optional<uint64_t> number = ParseNumber(text.substr(0, digits));
  const std::optional<ByteCount> unit = SizeUnit(text.substr(digits));
  if (!number || !unit || *number > std::numeric_limits<ByteCount>::max() / *unit) return std::nullopt;
  return *number * *unit;
}

std::optional<Duration> ParseDuration(std::string_view text) {
  constexpr double kHundredYears = 100.0 * 366 * 24 * 3600;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(seconds >= 0) || std::signbit(seconds) || seconds > kHundredYears) return std::nullopt;
  return Duration(std::llround(seconds * 1e9));
}

std::optional<mode_t> ParsePermissions(std::string_view text) {
  mode_t mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || mode > 0777) return std::nullopt;
  return mode;
}

BucketAndPrefix SplitBucket(std::string_view text) {
  const size_t colon = text.find(':');
  BucketAndPrefix parts;
  parts.bucket = text.substr(0, colon);
  if (colon == std::string_view::npos) return parts;
  std::string_view prefix = text.substr(colon + 1);
  prefix.remove_prefix(std::min(prefix.find_first_not_of('/'), prefix.size()));
  parts.prefix = prefix;
  if (!parts.prefix.empty() && !parts.prefix.ends_with('/')) parts.prefix += '/';
  return parts;
}

bool IsBucketName(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && IsLowerAlphanumeric(name.front()) &&
         IsLowerAlphanumeric(name.back()) && name.find("..") == std::string_view::npos &&
         std::ranges::all_of(name, [](char c) { return IsLowerAlphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace cosfuse
