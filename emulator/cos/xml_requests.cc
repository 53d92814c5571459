#include "emulator/cos/xml_requests.h"

#include <charconv>
#include <pugixml.hpp>

#include "base/encoding.h"
#include "emulator/cos/digest.h"
#include "emulator/cos/etag.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kMaxDeletes = 1000;  // COS S3 API, "Delete multiple objects".
constexpr size_t kMaxTags = 10;       // COS S3 API, "Object tagging".
constexpr int kLargestPartNumber = 10'000;

/// Keys may be nothing but white space.
constexpr unsigned kParseOptions = pugi::parse_default | pugi::parse_ws_pcdata_single;

S3Result<pugi::xml_node> Load(pugi::xml_document& document, std::string_view xml, const char* root) {
  if (!document.load_buffer(xml.data(), xml.size(), kParseOptions, pugi::encoding_utf8)) {
    return Refuse(S3Code::kMalformedXml);
  }
  const pugi::xml_node node = document.child(root);
  if (!node) return Refuse(S3Code::kMalformedXml);
  return node;
}

/// <ChecksumCRC32C> or its like, decoded; empty where there is none.
S3Result<std::string> ReadChecksum(const pugi::xml_node& part) {
  using enum ChecksumAlgorithm;
  for (const ChecksumAlgorithm algorithm : {kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256}) {
    const pugi::xml_node node = part.child(("Checksum" + std::string(ChecksumName(algorithm))).c_str());
    if (!node) continue;
    const auto decoded = Base64Decode(node.child_value());
    return decoded ? S3Result<std::string>(*decoded) : Refuse(S3Code::kMalformedXml);
  }
  return std::string();
}

}  // namespace

S3Result<DeleteRequest> ParseDeleteRequest(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, Load(document, xml, "Delete"));
  DeleteRequest request;
  request.quiet = std::string_view(root.child_value("Quiet")) == "true";
  for (const pugi::xml_node object : root.children("Object")) {
    const pugi::xml_node key = object.child("Key");
    if (!key) return Refuse(S3Code::kMalformedXml);
    request.objects.push_back({key.child_value(), object.child_value("VersionId")});
  }
  if (request.objects.empty() || request.objects.size() > kMaxDeletes) return Refuse(S3Code::kMalformedXml);
  return request;
}

S3Result<std::vector<CompletedPart>> ParseCompleteRequest(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, Load(document, xml, "CompleteMultipartUpload"));
  std::vector<CompletedPart> parts;
  for (const pugi::xml_node part : root.children("Part")) {
    const std::string_view number = part.child_value("PartNumber");
    CompletedPart parsed;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), parsed.number);
    if (error != std::errc() || end != number.data() + number.size()) return Refuse(S3Code::kMalformedXml);
    if (parsed.number < 1 || parsed.number > kLargestPartNumber) return Refuse(S3Code::kInvalidArgument);
    parsed.etag = UnquoteETag(part.child_value("ETag"));
    ASSIGN_OR_RETURN(parsed.checksum, ReadChecksum(part));
    parts.push_back(std::move(parsed));
  }
  if (parts.empty()) return Refuse(S3Code::kMalformedXml);
  return parts;
}

S3Result<Tags> ParseTagging(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, Load(document, xml, "Tagging"));
  Tags tags;
  size_t count = 0;
  for (const pugi::xml_node tag : root.child("TagSet").children("Tag")) {
    ++count;
    if (!tag.child("Key")) return Refuse(S3Code::kMalformedXml);
    if (!tags.emplace(tag.child_value("Key"), tag.child_value("Value")).second) return Refuse(S3Code::kInvalidTag);
  }
  if (count > kMaxTags) return Refuse(S3Code::kInvalidTag);
  return tags;
}

S3Result<Versioning> ParseVersioning(std::string_view xml) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, Load(document, xml, "VersioningConfiguration"));
  const std::string_view status = root.child_value("Status");
  if (status == "Enabled") return Versioning::kEnabled;
  if (status == "Suspended") return Versioning::kSuspended;
  return Refuse(S3Code::kIllegalVersioning);
}

}  // namespace cosfuse::emulator
