#include "emulator/cos/list_ops.h"

#include <algorithm>

#include "base/encoding.h"
#include "emulator/cos/list_parameters.h"
#include "emulator/cos/upload_checksum.h"
#include "emulator/cos/xml_writer.h"
#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

void WriteChecksum(const Object& object, XmlWriter& xml) {
  constexpr std::string_view kHeaderStart = "x-amz-checksum-";
  const auto& [header, value] = object.checksum;
  if (header.empty()) return;
  const auto algorithm = ParseChecksumAlgorithm(std::string_view(header).substr(kHeaderStart.size()));
  if (algorithm) xml.Element("ChecksumAlgorithm", ChecksumName(*algorithm));
  xml.Element("ChecksumType", ChecksumTypeOf(value));
}

void WriteEntries(const ListPage& page, const ListEncoding& encoding, XmlWriter& xml) {
  for (const ListEntry& entry : page.entries) {
    xml.Open("Contents");
    xml.Element("Key", encoding.Apply(entry.key));
    xml.Element("LastModified", FormatIso8601(entry.object->last_modified));
    xml.Element("ETag", QuoteETag(entry.object->etag));
    WriteChecksum(*entry.object, xml);
    xml.Element("Size", std::to_string(entry.object->body.size()));
    xml.Element("StorageClass", "STANDARD");
    xml.Close("Contents");
  }
  for (const std::string& prefix : page.common_prefixes) {
    xml.Open("CommonPrefixes");
    xml.Element("Prefix", encoding.Apply(prefix));
    xml.Close("CommonPrefixes");
  }
}

void WriteQuery(const CosRequest& request, const ListQuery& query, const ListEncoding& encoding, XmlWriter& xml) {
  xml.Element("Name", request.bucket.name());
  xml.Element("Prefix", encoding.Apply(query.prefix));
  if (!query.delimiter.empty()) xml.Element("Delimiter", encoding.Apply(query.delimiter));
  xml.Element("MaxKeys", std::to_string(query.max_keys));
  if (encoding.url) xml.Element("EncodingType", "url");
}

}  // namespace

S3Result<Reply> ListObjectsV2(const CosRequest& request) {
  const Query& parameters = request.target.query;
  ASSIGN_OR_RETURN(ListQuery query, ParseListQuery(parameters));
  ASSIGN_OR_RETURN(const ListEncoding encoding, ParseListEncoding(parameters));
  const std::string* token = parameters.Find("continuation-token");
  if (token != nullptr) {
    ASSIGN_OR_RETURN(query.after, ParseContinuationToken(*token));
  } else {
    query.after = parameters.Get("start-after");
  }
  const ListPage page = request.bucket.List(query);
  XmlWriter xml;
  xml.OpenRoot("ListBucketResult");
  WriteQuery(request, query, encoding, xml);
  xml.Element("IsTruncated", page.truncated ? "true" : "false");
  xml.Element("KeyCount", std::to_string(page.entries.size() + page.common_prefixes.size()));
  if (token != nullptr) {
    xml.Element("ContinuationToken", *token);
  } else if (!query.after.empty()) {
    xml.Element("StartAfter", encoding.Apply(query.after));
  }
  if (page.truncated) xml.Element("NextContinuationToken", MakeContinuationToken(page.last));
  WriteEntries(page, encoding, xml);
  xml.Close("ListBucketResult");
  return Reply::Text(200, "application/xml", xml.text());
}

S3Result<Reply> ListObjects(const CosRequest& request) {
  const Query& parameters = request.target.query;
  ASSIGN_OR_RETURN(ListQuery query, ParseListQuery(parameters));
  ASSIGN_OR_RETURN(const ListEncoding encoding, ParseListEncoding(parameters));
  query.after = parameters.Get("marker");
  const ListPage page = request.bucket.List(query);
  XmlWriter xml;
  xml.OpenRoot("ListBucketResult");
  WriteQuery(request, query, encoding, xml);
  xml.Element("IsTruncated", page.truncated ? "true" : "false");
  xml.Element("Marker", encoding.Apply(query.after));
  if (page.truncated && !query.delimiter.empty()) xml.Element("NextMarker", encoding.Apply(page.last));
  WriteEntries(page, encoding, xml);
  xml.Close("ListBucketResult");
  return Reply::Text(200, "application/xml", xml.text());
}

}  // namespace cosfuse::emulator
