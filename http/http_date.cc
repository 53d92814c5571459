#include "http/http_date.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace cosfuse {
namespace {

using std::chrono::year;

// Not those of the C library: they follow the locale.
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// Reads fixed-width fields from the front of a text; a failure sticks.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  int Digits(size_t count) {
    int value = 0;
    for (const char c : Take(count)) {
      if (c < '0' || c > '9') ok_ = false;
      value = value * 10 + (c - '0');
    }
    return value;
  }
  /// Two columns, the first of which may be blank.
  int PaddedDigits() {
    if (!rest_.starts_with(' ')) return Digits(2);
    rest_.remove_prefix(1);
    return Digits(1);
  }
  unsigned Month() {
    const std::string_view name = Take(3);
    for (unsigned i = 0; i < kMonths.size(); ++i) {
      if (kMonths[i] == name) return i + 1;
    }
    ok_ = false;
    return 0;
  }
  void Literal(std::string_view expected) {
    if (Take(expected.size()) != expected) ok_ = false;
  }
  std::chrono::seconds TimeOfDay() {
    const int hour = Digits(2);
    Literal(":");
    const int minute = Digits(2);
    Literal(":");
    const int second = Digits(2);
    if (hour > 23 || minute > 59 || second > 60) ok_ = false;  // 60: a leap second.
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  }
  bool AtEndAndValid() const { return ok_ && rest_.empty(); }

 private:
  std::string_view Take(size_t count) {
    if (rest_.size() < count) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view field = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return field;
  }

  std::string_view rest_;
  bool ok_ = true;
};

int YearOf(WallTime time) {
  return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

std::optional<WallTime> Combine(int full_year, unsigned month, int day, std::chrono::seconds time_of_day) {
  const std::chrono::year_month_day date(year(full_year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || full_year < 1970 || full_year > 2261) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + time_of_day;
}

/// "06 Nov 1994 08:49:37 GMT".
std::optional<WallTime> ParseFixDate(std::string_view text) {
  FieldReader reader(text);
  const int day = reader.Digits(2);
  reader.Literal(" ");
  const unsigned month = reader.Month();
  reader.Literal(" ");
  const int full_year = reader.Digits(4);
  reader.Literal(" ");
  const auto time = reader.TimeOfDay();
  reader.Literal(" GMT");
  if (!reader.AtEndAndValid()) return std::nullopt;
  return Combine(full_year, month, day, time);
}

/// "06-Nov-94 08:49:37 GMT".
std::optional<WallTime> ParseRfc850Date(std::string_view text, int latest_year) {
  FieldReader reader(text);
  const int day = reader.Digits(2);
  reader.Literal("-");
  const unsigned month = reader.Month();
  reader.Literal("-");
  const int short_year = reader.Digits(2);
  reader.Literal(" ");
  const auto time = reader.TimeOfDay();
  reader.Literal(" GMT");
  if (!reader.AtEndAndValid()) return std::nullopt;
  int full_year = latest_year / 100 * 100 + short_year;
  if (full_year > latest_year) full_year -= 100;
  return Combine(full_year, month, day, time);
}

/// "Nov  6 08:49:37 1994".
std::optional<WallTime> ParseAsctimeDate(std::string_view text) {
  FieldReader reader(text);
  const unsigned month = reader.Month();
  reader.Literal(" ");
  const int day = reader.PaddedDigits();
  reader.Literal(" ");
  const auto time = reader.TimeOfDay();
  reader.Literal(" ");
  const int full_year = reader.Digits(4);
  if (!reader.AtEndAndValid()) return std::nullopt;
  return Combine(full_year, month, day, time);
}

std::optional<WallTime> ParseWithLatestYear(std::string_view text, int latest_year) {
  const size_t comma = text.find(", ");
  if (comma == std::string_view::npos) {
    constexpr size_t kDayName = 4;  // "Sun "
    return text.size() > kDayName && text[kDayName - 1] == ' ' ? ParseAsctimeDate(text.substr(kDayName)) : std::nullopt;
  }
  const std::string_view date = text.substr(comma + 2);
  return comma == 3 ? ParseFixDate(date) : ParseRfc850Date(date, latest_year);
}

}  // namespace

std::optional<WallTime> ParseHttpDate(std::string_view text, WallTime now) {
  return ParseWithLatestYear(text, YearOf(now) + 50);
}

std::optional<WallTime> ParseHttpDate(std::string_view text) { return ParseWithLatestYear(text, 2069); }

std::string FormatHttpDate(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss of_day(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                   kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                                   kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                                   static_cast<int>(of_day.hours().count()), static_cast<int>(of_day.minutes().count()),
                                   static_cast<int>(of_day.seconds().count()));
  return {text.data(), static_cast<size_t>(length)};
}

}  // namespace cosfuse
