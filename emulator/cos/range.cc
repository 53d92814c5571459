#include "emulator/cos/range.h"

#include <charconv>

namespace cosfuse::emulator {
namespace {

constexpr std::string_view kUnit = "bytes=";

std::optional<ByteCount> ParseNumber(std::string_view text) {
  ByteCount value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

RangeVerdict ResolveRange(std::string_view header, ByteCount size) {
  using enum RangeVerdict::Kind;
  if (!header.starts_with(kUnit)) return {kWhole, {0, size}};
  header.remove_prefix(kUnit.size());
  const size_t dash = header.find('-');
  if (dash == std::string_view::npos) return {kWhole, {0, size}};
  const auto first = ParseNumber(header.substr(0, dash));
  const auto last = ParseNumber(header.substr(dash + 1));
  if (dash == 0) {  // The last bytes of the object.
    if (!last) return {kWhole, {0, size}};
    if (*last == 0 || size == 0) return {kUnsatisfiable, {}};
    const ByteCount length = std::min(*last, size);
    return {kPart, {size - length, length}};
  }
  const bool open_end = dash + 1 == header.size();
  if (!first || (!last && !open_end) || (last && *last < *first)) return {kWhole, {0, size}};
  if (*first >= size) return {kUnsatisfiable, {}};
  const ByteCount end = last && *last < size ? *last + 1 : size;
  return {kPart, ByteRange::FromTo(*first, end)};
}

std::optional<ByteRange> ParseCopyRange(std::string_view header, ByteCount size) {
  if (!header.starts_with(kUnit)) return std::nullopt;
  header.remove_prefix(kUnit.size());
  const size_t dash = header.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = ParseNumber(header.substr(0, dash));
  const auto last = ParseNumber(header.substr(dash + 1));
  if (!first || !last || *last < *first || *last >= size) return std::nullopt;
  return ByteRange::FromTo(*first, *last + 1);
}

}  // namespace cosfuse::emulator
