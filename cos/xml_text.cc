#include "cos/xml_text.h"

#include <cstdint>
#include <utility>

namespace cosfuse {
namespace {

/// A character decoded from UTF-8 and its length; length 0: not UTF-8.
std::pair<uint32_t, size_t> DecodeUtf8(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  size_t length = 0;
  uint32_t minimum = 0;
  uint32_t character = 0;
  if ((first & 0xe0) == 0xc0) {
    length = 2, minimum = 0x80, character = first & 0x1f;
  } else if ((first & 0xf0) == 0xe0) {
    length = 3, minimum = 0x800, character = first & 0x0f;
  } else if ((first & 0xf8) == 0xf0) {
    length = 4, minimum = 0x10000, character = first & 0x07;
  }
  if (length == 0 || text.size() < length) return {0, 0};
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {0, 0};
    character = character << 6 | (next & 0x3f);
  }
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < minimum || character > 0x10ffff || surrogate) return {0, 0};
  return {character, length};
}

}  // namespace

bool IsXmlText(std::string_view text) {
  while (!text.empty()) {
    const auto [character, length] = DecodeUtf8(text);
    if (length == 0) return false;
    // XML 1.0, production 2 (Char).
    const bool control = character < 0x20 && character != '\t' && character != '\n' && character != '\r';
    if (control || character == 0xfffe || character == 0xffff) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string EscapeXml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      // Parsers turn a bare carriage return into a line feed and may trim white space.
      case '\r': out += "&#13;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace cosfuse
