#include "cos/object_headers.h"

#include <charconv>
#include <string>

#include "base/encoding.h"
#include "cos/metadata_fields.h"
#include "http/http_date.h"

namespace cosfuse {
namespace {

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view HeaderOr(const HttpHeaders& headers, std::string_view name, std::string_view otherwise) {
  return headers.Get(name).value_or(otherwise);
}

WallTime ParseDateField(const HttpHeaders& headers, std::string_view name) {
  return ParseHttpDate(HeaderOr(headers, name, "")).value_or(WallTime());
}

}  // namespace

ETag ParseETag(std::string_view value) {
  value = TrimWhitespace(value);
  if (value.starts_with("W/")) value.remove_prefix(2);
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
  return {std::string(value)};
}

std::optional<ContentRange> ParseContentRange(std::string_view value) {
  constexpr std::string_view kUnit = "bytes ";
  if (!value.starts_with(kUnit)) return std::nullopt;
  value.remove_prefix(kUnit.size());
  const size_t dash = value.find('-');
  const size_t slash = value.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) return std::nullopt;
  const auto first = ParseNumber<ByteCount>(value.substr(0, dash));
  const auto last = ParseNumber<ByteCount>(value.substr(dash + 1, slash - dash - 1));
  const auto size = ParseNumber<ByteCount>(value.substr(slash + 1));
  if (!first || !last || !size || *first > *last || *last >= *size) return std::nullopt;
  return ContentRange{.range = ByteRange::FromTo(*first, *last + 1), .object_size = *size};
}

std::optional<ByteCount> ParseContentLength(const HttpHeaders& headers) {
  return ParseNumber<ByteCount>(HeaderOr(headers, "Content-Length", ""));
}

Result<ObjectInfo> ParseObjectInfo(const HttpHeaders& headers) {
  ObjectInfo info;
  if (const auto field = headers.Get("Content-Range")) {
    const auto content_range = ParseContentRange(*field);
    if (!content_range) return Fail(ErrorCode::kCorrupt, "an answer with an impossible range");
    info.size = content_range->object_size;
  } else {
    const auto length = ParseContentLength(headers);
    if (!length) return Fail(ErrorCode::kCorrupt, "the answer does not tell the object's size");
    info.size = *length;
  }
  info.etag = ParseETag(HeaderOr(headers, "ETag", ""));
  if (info.etag.empty()) return Fail(ErrorCode::kCorrupt, "the answer does not tell the object's version");
  info.last_modified = ParseDateField(headers, "Last-Modified");
  info.metadata = ParseMetadataFields(headers);
  info.storage_class = HeaderOr(headers, "x-amz-storage-class", "");
  info.version_id = HeaderOr(headers, "x-amz-version-id", "");
  info.metadata.tag_count = ParseNumber<int>(HeaderOr(headers, "x-amz-tagging-count", "")).value_or(0);
  info.answered_at = ParseAnswerDate(headers);
  return info;
}

WallTime ParseAnswerDate(const HttpHeaders& headers) { return ParseDateField(headers, "Date"); }

Result<WrittenVersion> ParseWrittenVersion(const HttpHeaders& headers) {
  WrittenVersion version;
  version.etag = ParseETag(HeaderOr(headers, "ETag", ""));
  version.version_id = HeaderOr(headers, "x-amz-version-id", "");
  if (version.etag.empty()) return Fail(ErrorCode::kCorrupt, "the answer to a write has no ETag");
  return version;
}

}  // namespace cosfuse
