#include "emulator/cos/list_ops.h"
#include "emulator/cos/list_parameters.h"
#include "emulator/cos/xml_writer.h"
#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

void WriteVersion(const VersionEntry& entry, const ListEncoding& encoding, XmlWriter& xml) {
  const Version& version = entry.version;
  const std::string_view element = version.is_marker() ? "DeleteMarker" : "Version";
  xml.Open(element);
  xml.Element("Key", encoding.Apply(entry.key));
  xml.Element("VersionId", version.id);
  xml.Element("IsLatest", entry.is_latest ? "true" : "false");
  xml.Element("LastModified", FormatIso8601(version.last_modified));
  if (!version.is_marker()) {
    xml.Element("ETag", QuoteETag(version.object->etag));
    xml.Element("Size", std::to_string(version.object->body.size()));
    xml.Element("StorageClass", "STANDARD");
  }
  xml.Close(element);
}

}  // namespace

S3Result<Reply> ListObjectVersions(const CosRequest& request) {
  const Query& parameters = request.target.query;
  ASSIGN_OR_RETURN(const ListQuery list, ParseListQuery(parameters));
  ASSIGN_OR_RETURN(const ListEncoding encoding, ParseListEncoding(parameters));
  const VersionQuery query{list.prefix, list.delimiter, std::string(parameters.Get("key-marker")),
                           std::string(parameters.Get("version-id-marker")), list.max_keys};
  if (!query.id_marker.empty() && query.key_marker.empty()) {
    return Refuse(S3Code::kInvalidArgument, "A version-id marker cannot be specified without a key marker.");
  }
  const VersionPage page = request.bucket.ListVersions(query);
  XmlWriter xml;
  xml.OpenRoot("ListVersionsResult");
  xml.Element("Name", request.bucket.name());
  xml.Element("Prefix", encoding.Apply(query.prefix));
  if (!query.delimiter.empty()) xml.Element("Delimiter", encoding.Apply(query.delimiter));
  xml.Element("KeyMarker", encoding.Apply(query.key_marker));
  xml.Element("VersionIdMarker", query.id_marker);
  xml.Element("MaxKeys", std::to_string(query.max_keys));
  if (encoding.url) xml.Element("EncodingType", "url");
  xml.Element("IsTruncated", page.truncated ? "true" : "false");
  if (page.truncated) {
    xml.Element("NextKeyMarker", encoding.Apply(page.next_key_marker));
    if (!page.next_id_marker.empty()) xml.Element("NextVersionIdMarker", page.next_id_marker);
  }
  for (const VersionEntry& entry : page.entries) WriteVersion(entry, encoding, xml);
  for (const std::string& prefix : page.common_prefixes) {
    xml.Open("CommonPrefixes");
    xml.Element("Prefix", encoding.Apply(prefix));
    xml.Close("CommonPrefixes");
  }
  xml.Close("ListVersionsResult");
  return Reply::Text(200, "application/xml", xml.text());
}

}  // namespace cosfuse::emulator
