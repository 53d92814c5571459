#include "emulator/wire/http_date.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace cosfuse::emulator {
namespace {

// Not strftime's and strptime's names: those follow the locale.
constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

tm ToUtc(WallTime time) {
  const time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(
          std::chrono::floor<std::chrono::seconds>(time)));
  tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

std::string FormatHttpDate(WallTime time) {
  const tm t = ToUtc(time);
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[static_cast<size_t>(t.tm_wday)], t.tm_mday,
      kMonths[static_cast<size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
  return {text.data(), static_cast<size_t>(length)};
}

std::optional<WallTime> ParseHttpDate(std::string_view text) {
  std::array<char, 4> month{};
  tm t{};
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &t.tm_mday, month.data(), &t.tm_year, &t.tm_hour,
                  &t.tm_min, &t.tm_sec) != 6) {
    return std::nullopt;
  }
  const auto* const found = std::ranges::find(kMonths, std::string_view(month.data()));
  if (found == kMonths.end()) return std::nullopt;
  t.tm_mon = static_cast<int>(found - kMonths.begin());
  t.tm_year -= 1900;
  return WallTime(std::chrono::seconds(timegm(&t)));
}

std::string FormatIso8601(WallTime time) {
  const tm t = ToUtc(time);
  const auto since_second = time - std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since_second).count();
  std::array<char, 64> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.tm_year + 1900, t.tm_mon + 1,
                    t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, static_cast<int>(milliseconds));
  return {text.data(), static_cast<size_t>(length)};
}

}  // namespace cosfuse::emulator
