#include "cos/metadata_fields.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace cosfuse {
namespace {

constexpr std::string_view kUserPrefix = "x-amz-meta-";
constexpr std::array<std::string_view, 5> kStandardFields = {"cache-control", "content-disposition", "content-encoding",
                                                             "content-language", "expires"};

bool IsPrintableAscii(char c) { return c >= 0x20 && c < 0x7f; }

/// The byte that an encoded one at the start of `text` stands for, if it is one that EncodeMetadataValue makes.
std::optional<char> EncodedByte(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (text.size() < 3 || text[0] != '%') return std::nullopt;
  const size_t high = kDigits.find(text[1]);
  const size_t low = kDigits.find(text[2]);
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  const auto byte = static_cast<char>(high * 16 + low);
  if (IsPrintableAscii(byte)) return std::nullopt;
  return byte;
}

}  // namespace

std::string EncodeMetadataValue(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (IsPrintableAscii(c)) {
      out += c;
    } else {
      out += PercentEncode({&c, 1});
    }
  }
  return out;
}

std::string DecodeMetadataValue(std::string_view value) {
  std::string out;
  while (!value.empty()) {
    const auto byte = EncodedByte(value);
    out += byte.value_or(value.front());
    value.remove_prefix(byte ? 3 : 1);
  }
  return out;
}

void AddMetadataFields(const ObjectMetadata& metadata, HttpHeaders& headers) {
  headers.Add("Content-Type", std::string(metadata.content_type.empty() ? kDefaultContentType : metadata.content_type));
  for (const auto& [name, value] : metadata.standard) headers.Add(name, EncodeMetadataValue(value));
  for (const auto& [name, value] : metadata.user) {
    headers.Add(std::string(kUserPrefix) + name, EncodeMetadataValue(value));
  }
}

ObjectMetadata ParseMetadataFields(const HttpHeaders& headers) {
  ObjectMetadata metadata;
  for (const auto& [field, value] : headers.fields()) {
    const std::string name = ToLowerAscii(field);
    if (name.starts_with(kUserPrefix)) {
      const std::string decoded = DecodeMetadataValue(value);
      const auto [entry, added] = metadata.user.try_emplace(name.substr(kUserPrefix.size()), decoded);
      if (!added) entry->second += "," + decoded;
    } else if (name == "content-type") {
      metadata.content_type = value;
    } else if (std::ranges::find(kStandardFields, name) != kStandardFields.end()) {
      metadata.standard[name] = DecodeMetadataValue(value);
    }
  }
  return metadata;
}

}  // namespace cosfuse
