#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cosfuse {

/// Percent-encodes every byte but the unreserved ones (RFC 3986: letters, digits, `-._~`) and those in `keep`.
std::string PercentEncode(std::string_view text, std::string_view keep = {});
/// The reverse. `+` stays `+` unless `plus_is_space`. A `%` without two hex digits after it: nothing.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space = false);

/// RFC 4648 base64 with padding.
std::string Base64Encode(std::span<const std::byte> bytes);
/// Decodes base64 and its URL-safe alphabet, padded or not. Nothing on any other character.
std::optional<std::string> Base64Decode(std::string_view text);

std::string HexEncode(std::span<const std::byte> bytes);

std::string ToLowerAscii(std::string_view text);
std::string_view TrimWhitespace(std::string_view text);

/// The bytes of a string, and a string of bytes.
inline std::span<const std::byte> AsBytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string_view AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace cosfuse
