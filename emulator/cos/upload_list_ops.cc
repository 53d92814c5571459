#include <string>
#include <tuple>

#include "emulator/cos/list_parameters.h"
#include "emulator/cos/multipart_ops.h"
#include "emulator/cos/xml_writer.h"
#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kMaxPage = 1000;
constexpr size_t kMaxPartMarker = 10'000;

}  // namespace

S3Result<Reply> ListParts(const CosRequest& request) {
  const Query& query = request.target.query;
  ASSIGN_OR_RETURN(const Upload upload, request.bucket.uploads().Get(query.Get("uploadId"), request.target.key));
  ASSIGN_OR_RETURN(const size_t limit, ParseLimit(query, "max-parts", kMaxPage));
  size_t marker = 0;
  if (query.Has("part-number-marker")) {
    ASSIGN_OR_RETURN(marker, ParseLimit(query, "part-number-marker", kMaxPartMarker));
  }
  XmlWriter xml;
  xml.OpenRoot("ListPartsResult");
  xml.Element("Bucket", request.bucket.name());
  xml.Element("Key", upload.key);
  xml.Element("UploadId", upload.id);
  xml.Element("StorageClass", "STANDARD");
  xml.Element("PartNumberMarker", std::to_string(marker));
  xml.Element("MaxParts", std::to_string(limit));
  auto part = upload.parts.upper_bound(static_cast<int>(marker));
  int last = static_cast<int>(marker);
  for (size_t count = 0; part != upload.parts.end() && count < limit; ++part, ++count) {
    last = part->first;
    xml.Open("Part");
    xml.Element("PartNumber", std::to_string(part->first));
    xml.Element("LastModified", FormatIso8601(part->second.last_modified));
    xml.Element("ETag", QuoteETag(part->second.etag));
    xml.Element("Size", std::to_string(part->second.body.size()));
    xml.Close("Part");
  }
  xml.Element("NextPartNumberMarker", std::to_string(last));
  xml.Element("IsTruncated", part != upload.parts.end() ? "true" : "false");
  xml.Close("ListPartsResult");
  return Reply::Text(200, "application/xml", xml.text());
}

S3Result<Reply> ListMultipartUploads(const CosRequest& request) {
  const Query& query = request.target.query;
  ASSIGN_OR_RETURN(const size_t limit, ParseLimit(query, "max-uploads", kMaxPage));
  ASSIGN_OR_RETURN(const ListEncoding encoding, ParseListEncoding(query));
  const std::string prefix(query.Get("prefix"));
  const std::string key_marker(query.Get("key-marker"));
  const std::string id_marker(query.Get("upload-id-marker"));
  XmlWriter xml;
  xml.OpenRoot("ListMultipartUploadsResult");
  xml.Element("Bucket", request.bucket.name());
  xml.Element("Prefix", encoding.Apply(prefix));
  xml.Element("KeyMarker", encoding.Apply(key_marker));
  xml.Element("UploadIdMarker", id_marker);
  xml.Element("MaxUploads", std::to_string(limit));
  if (encoding.url) xml.Element("EncodingType", "url");
  size_t count = 0;
  bool truncated = false;
  Upload last;
  for (const Upload& upload : request.bucket.uploads().List()) {
    if (!upload.key.starts_with(prefix)) continue;
    // Without an id marker everything under the marker's key counts as seen.
    const bool seen = id_marker.empty() ? upload.key <= key_marker && !key_marker.empty()
                                        : std::tie(upload.key, upload.id) <= std::tie(key_marker, id_marker);
    if (seen) continue;
    if (count == limit) {
      truncated = true;
      break;
    }
    ++count;
    last = upload;
    xml.Open("Upload");
    xml.Element("Key", encoding.Apply(upload.key));
    xml.Element("UploadId", upload.id);
    xml.Element("Initiated", FormatIso8601(upload.initiated));
    xml.Element("StorageClass", "STANDARD");
    xml.Close("Upload");
  }
  if (truncated) {
    xml.Element("NextKeyMarker", encoding.Apply(last.key));
    xml.Element("NextUploadIdMarker", last.id);
  }
  xml.Element("IsTruncated", truncated ? "true" : "false");
  xml.Close("ListMultipartUploadsResult");
  return Reply::Text(200, "application/xml", xml.text());
}

}  // namespace cosfuse::emulator
