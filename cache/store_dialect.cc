#include "cache/store_dialect.h"

#include <charconv>
#include <chrono>

namespace cosfuse {
namespace {

constexpr std::string_view kVersionLine = "cosfuse store dialect 1";
constexpr std::string_view kStoreField = "store ";
constexpr std::string_view kFoundField = "found at ";
constexpr std::string_view kBeginField = "conditions at begin ";
constexpr std::string_view kCompleteField = "conditions at complete ";
constexpr std::string_view kLastLine = "end";
constexpr auto kLifetime = std::chrono::days(7);

std::string_view YesOrNo(bool value) { return value ? "yes" : "no"; }

/// Takes lines off a text; what is not as expected makes all of it invalid.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  /// The rest of the next line, which must begin with `field`.
  std::string_view Value(std::string_view field) {
    const size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    if (end == std::string_view::npos || !line.starts_with(field)) {
      valid_ = false;
      return {};
    }
    rest_.remove_prefix(end + 1);
    return line.substr(field.size());
  }
  bool Bool(std::string_view field) {
    const std::string_view value = Value(field);
    if (value != "yes" && value != "no") valid_ = false;
    return value == "yes";
  }
  WallTime Time(std::string_view field) {
    const std::string_view value = Value(field);
    int64_t seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    constexpr int64_t kLatest = int64_t{1} << 33;  // Far from where WallTime overflows.
    if (error != std::errc() || end != value.data() + value.size() || seconds < 0 || seconds > kLatest) valid_ = false;
    return valid_ ? WallTime(std::chrono::seconds(seconds)) : WallTime();
  }
  bool valid() const { return valid_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool valid_ = true;
};

}  // namespace

bool MustLookBeforeComplete(const StoreDialect& dialect, const Conditions& conditions) {
  if (conditions.if_match.empty() && !conditions.create_only) return false;
  return !dialect.conditions_at_begin && !dialect.conditions_at_complete;
}

Result<> JudgeLookBeforeComplete(const Conditions& conditions, const Result<ObjectInfo>& seen, bool may_be_blind) {
  if (may_be_blind && !seen && seen.error().code() == ErrorCode::kAccessDenied) return {};
  const bool missing =
      !seen && (seen.error().code() == ErrorCode::kNotFound || seen.error().code() == ErrorCode::kStale);
  if (!seen && !missing) return Fail(seen.error().WithContext("looking at the object before an upload is completed"));
  if (!conditions.if_match.empty() && (missing || seen->etag != conditions.if_match)) {
    return Fail(ErrorCode::kStale, "another version is current");
  }
  if (conditions.create_only && !missing) return Fail(ErrorCode::kAlreadyExists, "the object exists");
  return {};
}

std::string FormatStoreDialect(const StoreDialect& dialect, std::string_view store, WallTime found_at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(found_at).time_since_epoch().count();
  std::string text;
  text.append(kVersionLine).append("\n");
  text.append(kStoreField).append(store).append("\n");
  text.append(kFoundField).append(std::to_string(seconds)).append("\n");
  text.append(kBeginField).append(YesOrNo(dialect.conditions_at_begin)).append("\n");
  text.append(kCompleteField).append(YesOrNo(dialect.conditions_at_complete)).append("\n");
  return text.append(kLastLine).append("\n");
}

std::optional<StoreDialect> ParseStoreDialect(std::string_view text, std::string_view store, WallTime now) {
  LineReader lines(text);
  const bool known = lines.Value(kVersionLine).empty();
  const bool same_store = lines.Value(kStoreField) == store;
  const WallTime found_at = lines.Time(kFoundField);
  StoreDialect dialect;
  dialect.conditions_at_begin = lines.Bool(kBeginField);
  dialect.conditions_at_complete = lines.Bool(kCompleteField);
  const bool whole = lines.Value(kLastLine).empty();
  if (!lines.valid() || !known || !same_store || !whole) return std::nullopt;
  // A clock that was set back would keep it for ever.
  if (found_at > now || now - found_at > kLifetime) return std::nullopt;
  return dialect;
}

}  // namespace cosfuse
