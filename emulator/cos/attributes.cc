#include "emulator/cos/attributes.h"

#include <array>

#include "base/encoding.h"
#include "emulator/cos/etag.h"
#include "emulator/wire/http_date.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {
namespace {

constexpr std::string_view kMetadataPrefix = "x-amz-meta-";
constexpr size_t kMaxMetadataBytes = 2048;  // COS S3 API, "Upload an object": names and values of user metadata.
constexpr size_t kMaxTagsInHeader = 10;

struct ContentHeader {
  std::string_view name;
  std::string_view shown_as;
};
constexpr std::array<ContentHeader, 6> kContentHeaders = {{{"content-type", "Content-Type"},
                                                           {"content-encoding", "Content-Encoding"},
                                                           {"content-disposition", "Content-Disposition"},
                                                           {"content-language", "Content-Language"},
                                                           {"cache-control", "Cache-Control"},
                                                           {"expires", "Expires"}}};

S3Result<std::map<std::string, std::string>> ParseTagHeader(std::string_view header) {
  const auto pairs = Query::Parse(header);
  if (!pairs || pairs->parameters().size() > kMaxTagsInHeader) return Refuse(S3Code::kInvalidTag);
  std::map<std::string, std::string> tags;
  for (const auto& [name, value] : pairs->parameters()) {
    if (!tags.emplace(name, value).second) return Refuse(S3Code::kInvalidTag);
  }
  return tags;
}

/// aws-chunked is how the body travelled, not how the object is encoded.
void DropChunkedEncoding(std::map<std::string, std::string>& headers) {
  constexpr std::string_view kChunked = "aws-chunked";
  const auto found = headers.find("content-encoding");
  if (found == headers.end() || !found->second.starts_with(kChunked)) return;
  std::string_view rest = std::string_view(found->second).substr(kChunked.size());
  if (rest.starts_with(',')) rest.remove_prefix(1);
  rest = TrimWhitespace(rest);
  if (rest.empty()) {
    headers.erase(found);
  } else {
    found->second = std::string(rest);
  }
}

}  // namespace

S3Result<ObjectAttributes> ParseAttributes(const Headers& headers) {
  ObjectAttributes attributes;
  for (const ContentHeader& header : kContentHeaders) {
    if (const std::string* value = headers.Find(header.name)) attributes.headers.emplace(header.name, *value);
  }
  DropChunkedEncoding(attributes.headers);
  attributes.headers.try_emplace("content-type", "application/octet-stream");
  size_t bytes = 0;
  for (const auto& [name, value] : headers) {
    if (!name.starts_with(kMetadataPrefix)) continue;
    const std::string short_name = name.substr(kMetadataPrefix.size());
    bytes += short_name.size() + value.size();
    attributes.metadata.emplace(short_name, value);
  }
  if (bytes > kMaxMetadataBytes) return Refuse(S3Code::kMetadataTooLarge);
  if (const std::string* tagging = headers.Find("x-amz-tagging")) {
    ASSIGN_OR_RETURN(attributes.tags, ParseTagHeader(*tagging));
  }
  return attributes;
}

void AddObjectHeaders(const Object& object, Reply& reply) {
  reply.headers.emplace_back("ETag", QuoteETag(object.etag));
  reply.headers.emplace_back("Last-Modified", FormatHttpDate(object.last_modified));
  reply.headers.emplace_back("Accept-Ranges", "bytes");
  for (const ContentHeader& header : kContentHeaders) {
    const auto found = object.attributes.headers.find(std::string(header.name));
    if (found != object.attributes.headers.end()) reply.headers.emplace_back(header.shown_as, found->second);
  }
  for (const auto& [name, value] : object.attributes.metadata) {
    reply.headers.emplace_back(std::string(kMetadataPrefix) + name, value);
  }
  if (!object.attributes.tags.empty()) {
    reply.headers.emplace_back("x-amz-tagging-count", std::to_string(object.attributes.tags.size()));
  }
  if (!object.archive_class.empty()) reply.headers.emplace_back("x-amz-storage-class", object.archive_class);
}

void AddVersionId(std::string_view version_id, Reply& reply) {
  if (!version_id.empty()) reply.headers.emplace_back("x-amz-version-id", version_id);
}

}  // namespace cosfuse::emulator
