#include "cos/xml_responses.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <pugixml.hpp>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "cos/object_headers.h"

namespace cosfuse {
namespace {

/// Parses a body whose root element must be `root`, or `other_root`.
Result<pugi::xml_node> ParseDocument(std::string_view xml, const char* root, pugi::xml_document& document,
                                     const char* other_root = "") {
  xml = TrimWhitespace(xml);
  if (xml.empty()) return Fail(ErrorCode::kCorrupt, std::string("an empty answer instead of ") + root);
  // A key may consist of white space alone.
  constexpr unsigned int kOptions = pugi::parse_default | pugi::parse_ws_pcdata_single;
  const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size(), kOptions, pugi::encoding_utf8);
  if (!parsed) return Fail(ErrorCode::kCorrupt, std::string("not XML: ") + parsed.description());
  pugi::xml_node node = document.child(root);
  if (!node) node = document.child(other_root);
  if (!node) return Fail(ErrorCode::kProtocol, std::string("the answer is not a ") + root);
  return node;
}

/// The name of the first element after white space, declaration and comments; empty where there is none.
std::string_view RootElementName(std::string_view xml) {
  for (size_t open = xml.find('<'); open != std::string_view::npos; open = xml.find('<', open + 1)) {
    const std::string_view rest = xml.substr(open + 1);
    if (!rest.starts_with('?') && !rest.starts_with('!')) return rest.substr(0, rest.find_first_of(" \t\r\n/>"));
  }
  return {};
}

ServiceError ReadServiceError(const pugi::xml_node& node) {
  return {.code = node.child_value("Code"),
          .message = node.child_value("Message"),
          .request_id = node.child_value("RequestId")};
}

Result<ETag> ReadETag(const pugi::xml_node& node) {
  ETag etag = ParseETag(node.child_value("ETag"));
  if (etag.empty()) return Fail(ErrorCode::kProtocol, std::string("no ETag in ") + node.name());
  return etag;
}

/// `encoding-type=url` is that of HTML forms: a space may come as '+', a plus sign never does.
/// Source: the decoders of the S3 SDKs (botocore's decode_list_object).
Result<std::string> DecodeListed(std::string_view text, bool encoded) {
  if (!encoded) return std::string(text);
  auto decoded = PercentDecode(text, /*plus_is_space=*/true);
  if (!decoded) return Fail(ErrorCode::kProtocol, "a listed name is not percent-encoded as announced");
  return *std::move(decoded);
}

/// Whether `text` may be the output of a percent-encoder: no byte in it that every encoder replaces.
bool LooksEncoded(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>'; }) &&
         PercentDecode(text).has_value();
}

/// Stores are known to leave CommonPrefixes raw where they encode keys. Raw is what cannot be encoded text, or what
/// begins with the prefix that was asked for only as it stands.
std::string DecodeCommonPrefix(std::string_view text, bool encoded, std::string_view prefix) {
  if (!encoded || !LooksEncoded(text)) return std::string(text);
  std::string decoded = PercentDecode(text, /*plus_is_space=*/true).value_or(std::string(text));
  if (!decoded.starts_with(prefix) && text.starts_with(prefix)) return std::string(text);
  return decoded;
}

template <typename Number>
std::optional<Number> ReadNumber(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<ListedObject> ReadListedObject(const pugi::xml_node& node, bool encoded) {
  ListedObject object;
  ASSIGN_OR_RETURN(object.key, DecodeListed(node.child_value("Key"), encoded));
  const auto size = ReadNumber<ByteCount>(node.child_value("Size"));
  if (object.key.empty() || !size) return Fail(ErrorCode::kProtocol, "a listed object lacks its key or size");
  object.size = *size;
  object.etag = ParseETag(node.child_value("ETag"));
  object.last_modified = ParseIsoTime(node.child_value("LastModified")).value_or(WallTime());
  object.storage_class = node.child_value("StorageClass");
  return object;
}

Result<UploadedPart> ReadListedPart(const pugi::xml_node& node) {
  UploadedPart part;
  const auto number = ReadNumber<int>(node.child_value("PartNumber"));
  const auto size = ReadNumber<ByteCount>(node.child_value("Size"));
  if (!number || !size) return Fail(ErrorCode::kProtocol, "a listed part lacks its number or size");
  part.number = *number;
  part.size = *size;
  ASSIGN_OR_RETURN(part.etag, ReadETag(node));
  part.crc32c = DecodeCrc32c(node.child_value("ChecksumCRC32C"));
  return part;
}

Result<OpenUpload> ReadListedUpload(const pugi::xml_node& node, bool encoded) {
  OpenUpload upload;
  ASSIGN_OR_RETURN(upload.key, DecodeListed(node.child_value("Key"), encoded));
  upload.upload_id = node.child_value("UploadId");
  if (upload.key.empty() || upload.upload_id.empty()) {
    return Fail(ErrorCode::kProtocol, "a listed upload lacks its key or id");
  }
  upload.begun_at = ParseIsoTime(node.child_value("Initiated")).value_or(WallTime());
  return upload;
}

Result<ObjectVersion> ReadListedVersion(const pugi::xml_node& node, bool encoded) {
  ASSIGN_OR_RETURN(ListedObject object, ReadListedObject(node, encoded));
  std::string id = node.child_value("VersionId");
  if (id.empty()) return Fail(ErrorCode::kProtocol, "a listed version lacks its id");
  return ObjectVersion{
      .key = std::move(object.key), .version_id = std::move(id), .etag = std::move(object.etag), .size = object.size};
}

bool IsTruncated(const pugi::xml_node& root) { return std::string_view(root.child_value("IsTruncated")) == "true"; }

/// Where a listing by key and id goes on; nothing where this was its last page.
struct NextMarker {
  ObjectKey key;
  std::string id;
};
Result<std::optional<NextMarker>> ReadNextMarker(const pugi::xml_node& root, bool encoded, const char* id_element) {
  if (!IsTruncated(root)) return std::nullopt;
  NextMarker next;
  ASSIGN_OR_RETURN(next.key, DecodeListed(root.child_value("NextKeyMarker"), encoded));
  next.id = root.child_value(id_element);
  if (next.key.empty()) return Fail(ErrorCode::kProtocol, "a truncated listing without a marker");
  return next;
}

}  // namespace

std::optional<ServiceError> FindServiceError(std::string_view xml) {
  // Large documents pass here too: look at the root element's name before parsing all of it.
  if (RootElementName(xml) != "Error") return std::nullopt;
  pugi::xml_document document;
  const auto node = ParseDocument(xml, "Error", document);
  if (!node) return std::nullopt;
  return ReadServiceError(*node);
}

Result<ListPage> ParseListObjects(std::string_view xml, std::string_view prefix) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, ParseDocument(xml, "ListBucketResult", document));
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  ListPage page;
  for (const pugi::xml_node& node : root.children("Contents")) {
    ASSIGN_OR_RETURN(ListedObject object, ReadListedObject(node, encoded));
    page.objects.push_back(std::move(object));
  }
  for (const pugi::xml_node& node : root.children("CommonPrefixes")) {
    page.common_prefixes.push_back(DecodeCommonPrefix(node.child_value("Prefix"), encoded, prefix));
  }
  if (IsTruncated(root)) {
    page.next_token = root.child_value("NextContinuationToken");
    // Without a way on, what is listed would be taken for everything.
    if (page.next_token.empty()) return Fail(ErrorCode::kProtocol, "a truncated listing without a token");
  }
  return page;
}

Result<std::vector<KeyError>> ParseDeleteObjects(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, ParseDocument(xml, "DeleteResult", document));
  std::vector<KeyError> errors;
  for (const pugi::xml_node& node : root.children("Error")) {
    errors.push_back({.key = node.child_value("Key"), .error = ReadServiceError(node)});
  }
  return errors;
}

Result<CopyResult> ParseCopyResult(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, ParseDocument(xml, "CopyObjectResult", document, "CopyPartResult"));
  ASSIGN_OR_RETURN(ETag etag, ReadETag(root));
  return CopyResult{.etag = std::move(etag), .crc32c = DecodeCrc32c(root.child_value("ChecksumCRC32C"))};
}

Result<std::string> ParseBeginUpload(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, ParseDocument(xml, "InitiateMultipartUploadResult", document));
  std::string id = root.child_value("UploadId");
  if (id.empty()) return Fail(ErrorCode::kProtocol, "no UploadId in the answer");
  return id;
}

Result<CompletedUpload> ParseCompleteUpload(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, ParseDocument(xml, "CompleteMultipartUploadResult", document));
  CompletedUpload completed;
  ASSIGN_OR_RETURN(completed.etag, ReadETag(root));
  // A checksum of the parts' checksums says nothing that their own do not.
  const std::string_view type = root.child_value("ChecksumType");
  if (type.empty() || type == "FULL_OBJECT") completed.crc32c = DecodeCrc32c(root.child_value("ChecksumCRC32C"));
  return completed;
}

Result<PartPage> ParseListParts(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, ParseDocument(xml, "ListPartsResult", document));
  PartPage page;
  for (const pugi::xml_node& node : root.children("Part")) {
    ASSIGN_OR_RETURN(UploadedPart part, ReadListedPart(node));
    page.parts.push_back(std::move(part));
  }
  if (IsTruncated(root)) {
    const auto next = ReadNumber<int>(root.child_value("NextPartNumberMarker"));
    if (!next || *next <= 0) return Fail(ErrorCode::kProtocol, "truncated parts without a marker");
    page.next_after = *next;
  }
  return page;
}

Result<UploadPage> ParseListUploads(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, ParseDocument(xml, "ListMultipartUploadsResult", document));
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  UploadPage page;
  for (const pugi::xml_node& node : root.children("Upload")) {
    ASSIGN_OR_RETURN(OpenUpload upload, ReadListedUpload(node, encoded));
    page.uploads.push_back(std::move(upload));
  }
  ASSIGN_OR_RETURN(auto next, ReadNextMarker(root, encoded, "NextUploadIdMarker"));
  if (next) page.next_after = {.key = std::move(next->key), .upload_id = std::move(next->id)};
  return page;
}

Result<VersionPage> ParseListVersions(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, ParseDocument(xml, "ListVersionsResult", document));
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  VersionPage page;
  for (const pugi::xml_node& node : root.children("Version")) {
    ASSIGN_OR_RETURN(ObjectVersion version, ReadListedVersion(node, encoded));
    page.versions.push_back(std::move(version));
  }
  ASSIGN_OR_RETURN(auto next, ReadNextMarker(root, encoded, "NextVersionIdMarker"));
  if (next) page.next_after = {.key = std::move(next->key), .version_id = std::move(next->id)};
  return page;
}

Result<ObjectTags> ParseTags(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, ParseDocument(xml, "Tagging", document));
  ObjectTags tags;
  for (const pugi::xml_node& node : root.child("TagSet").children("Tag")) {
    tags[node.child_value("Key")] = node.child_value("Value");
  }
  return tags;
}

std::optional<WallTime> ParseIsoTime(std::string_view text) {
  // Digits and separators of "2026-01-31T12:34:56"; what follows is a fraction and the Z.
  constexpr std::string_view kPattern = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kPattern.size() || text.back() != 'Z') return std::nullopt;
  for (size_t i = 0; i < kPattern.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kPattern[i] == 'd' ? !digit : text[i] != kPattern[i]) return std::nullopt;
  }
  const auto number = [text](size_t from, size_t length) {
    int value = 0;
    for (const char c : text.substr(from, length)) value = value * 10 + (c - '0');
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2))));
  if (!date.ok() || date.year() < std::chrono::year(1970) || date.year() > std::chrono::year(2261)) return std::nullopt;
  WallTime time = std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) +
                  std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2));
  std::string_view fraction = text.substr(kPattern.size(), text.size() - kPattern.size() - 1);
  if (fraction.empty()) return time;
  if (fraction.front() != '.') return std::nullopt;
  auto unit = std::chrono::nanoseconds(std::chrono::seconds(1));
  for (const char c : fraction.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    unit /= 10;
    time += unit * (c - '0');
  }
  return time;
}

}  // namespace cosfuse
