#include "cos/requests.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "cos/limits.h"
#include "cos/metadata_fields.h"
#include "cos/object_key.h"
#include "cos/xml_text.h"
#include "http/http_date.h"

namespace cosfuse {
namespace {

using Query = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string Url(const BucketAddress& address, std::string_view key, Query query) {
  std::string url = address.endpoint + "/" + EncodeKeyPath(address.bucket);
  if (!key.empty()) url += "/" + EncodeKeyPath(key);
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += separator;
    url.append(name).append("=").append(PercentEncode(value));
    separator = '&';
  }
  return url;
}

HttpRequest Request(HttpMethod method, std::string url) {
  HttpRequest request;
  request.method = method;
  request.url = std::move(url);
  return request;
}

/// What a server may take to copy bytes, or to join parts, before it answers: slow ones manage 20 MB/s.
constexpr Duration kTimePerCopiedByte = std::chrono::nanoseconds(50);
constexpr Duration kLongestCopy = kTimePerCopiedByte * kMaxCopyBytes;
constexpr Duration kLongestComplete = std::chrono::minutes(2);

std::string Quoted(const ETag& etag) { return '"' + etag.value + '"'; }

std::string RangeValue(ByteRange range) {
  return "bytes=" + std::to_string(range.offset) + "-" + std::to_string(range.end() - 1);
}

void AddConditions(const Conditions& conditions, HttpHeaders& headers) {
  if (!conditions.if_match.empty()) headers.Add("If-Match", Quoted(conditions.if_match));
  if (!conditions.if_none_match.empty()) headers.Add("If-None-Match", Quoted(conditions.if_none_match));
  if (conditions.create_only) headers.Add("If-None-Match", "*");
  if (conditions.if_unmodified_since) {
    headers.Add("If-Unmodified-Since", FormatHttpDate(*conditions.if_unmodified_since));
  }
}

/// The URL that a read under these conditions goes to.
std::string VersionUrl(const BucketAddress& address, const ObjectKey& key, const Conditions& conditions) {
  if (conditions.version_id.empty()) return Url(address, key, {});
  return Url(address, key, {{"versionId", conditions.version_id}});
}

/// Upload requests carry tags in a header; the values are those of an HTML form.
void AddTags(const ObjectTags& tags, HttpHeaders& headers) {
  if (tags.empty()) return;
  std::string text;
  for (const auto& [name, value] : tags) {
    if (!text.empty()) text += '&';
    text.append(PercentEncode(name)).append("=").append(PercentEncode(value));
  }
  headers.Add("x-amz-tagging", std::move(text));
}

void AddCopySource(const BucketAddress& address, const CopySource& source, HttpHeaders& headers) {
  std::string path = "/" + EncodeKeyPath(address.bucket) + "/" + EncodeKeyPath(source.key);
  if (!source.version_id.empty()) path += "?versionId=" + PercentEncode(source.version_id);
  headers.Add("x-amz-copy-source", std::move(path));
  if (!source.if_match.empty()) headers.Add("x-amz-copy-source-if-match", Quoted(source.if_match));
  if (!source.if_none_match.empty()) headers.Add("x-amz-copy-source-if-none-match", Quoted(source.if_none_match));
}

void AddXmlBody(BodySource& body, HttpRequest& request) {
  request.headers.Add("Content-Type", "application/xml");
  request.body = &body;
}

}  // namespace

HttpRequest HeadObjectRequest(const BucketAddress& address, const ObjectKey& key, const Conditions& conditions) {
  HttpRequest request = Request(HttpMethod::kHead, VersionUrl(address, key, conditions));
  AddConditions(conditions, request.headers);
  return request;
}

HttpRequest GetObjectRequest(const BucketAddress& address, const ObjectKey& key, std::optional<ByteRange> range,
                             const Conditions& conditions) {
  HttpRequest request = Request(HttpMethod::kGet, VersionUrl(address, key, conditions));
  if (range) {
    request.headers.Add("Range", RangeValue(*range));
  } else {
    request.headers.Add("x-amz-checksum-mode", "ENABLED");
  }
  AddConditions(conditions, request.headers);
  return request;
}

HttpRequest PutObjectRequest(const BucketAddress& address, const ObjectKey& key, BodySource& body, uint32_t crc32c,
                             const ObjectMetadata& metadata, const Conditions& conditions) {
  HttpRequest request = Request(HttpMethod::kPut, Url(address, key, {}));
  AddMetadataFields(metadata, request.headers);
  AddTags(metadata.tags, request.headers);
  AddConditions(conditions, request.headers);
  request.headers.Add("x-amz-checksum-crc32c", EncodeCrc32c(crc32c));
  request.body = &body;
  return request;
}

HttpRequest DeleteObjectRequest(const BucketAddress& address, const ObjectKey& key) {
  return Request(HttpMethod::kDelete, Url(address, key, {}));
}

HttpRequest DeleteObjectsRequest(const BucketAddress& address, BodySource& body, const BodyProof& proof) {
  HttpRequest request = Request(HttpMethod::kPost, Url(address, {}, {{"delete", ""}}));
  request.headers.Add(proof.header, proof.value);
  AddXmlBody(body, request);
  return request;
}

std::string DeleteObjectsBody(std::span<const ObjectKey> keys) {
  std::string xml = "<Delete><Quiet>true</Quiet>";
  for (const ObjectKey& key : keys) xml += "<Object><Key>" + EscapeXml(key) + "</Key></Object>";
  return xml + "</Delete>";
}

HttpRequest ListObjectsRequest(const BucketAddress& address, const ListRequest& list) {
  const int max_keys = std::clamp(list.max_keys, 1, kMaxKeysPerList);
  std::string url = Url(
      address, {},
      {{"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", std::to_string(max_keys)}, {"prefix", list.prefix}});
  if (list.delimited) url += "&delimiter=%2F";
  if (!list.continuation_token.empty()) {
    url += "&continuation-token=" + PercentEncode(list.continuation_token);
  } else if (!list.start_after.empty()) {
    url += "&start-after=" + PercentEncode(list.start_after);
  }
  return Request(HttpMethod::kGet, std::move(url));
}

HttpRequest CopyObjectRequest(const BucketAddress& address, const CopySource& source, const ObjectKey& target,
                              const std::optional<ObjectMetadata>& metadata) {
  HttpRequest request = Request(HttpMethod::kPut, Url(address, target, {}));
  AddCopySource(address, source, request.headers);
  request.headers.Add("x-amz-metadata-directive", metadata ? "REPLACE" : "COPY");
  if (metadata) AddMetadataFields(*metadata, request.headers);
  request.headers.Add("x-amz-tagging-directive", "COPY");
  request.answer_allowance = kLongestCopy;
  return request;
}

HttpRequest BeginUploadRequest(const BucketAddress& address, const ObjectKey& key, const ObjectMetadata& metadata,
                               const Conditions& conditions) {
  HttpRequest request = Request(HttpMethod::kPost, Url(address, key, {{"uploads", ""}}));
  AddMetadataFields(metadata, request.headers);
  AddTags(metadata.tags, request.headers);
  AddConditions(conditions, request.headers);
  // Each part carries a CRC-32C; of the whole object then too, so that CompleteUpload need not repeat the parts'.
  request.headers.Add("x-amz-checksum-algorithm", "CRC32C");
  request.headers.Add("x-amz-checksum-type", "FULL_OBJECT");
  return request;
}

HttpRequest UploadPartRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id,
                              int number, BodySource& body, uint32_t crc32c) {
  HttpRequest request =
      Request(HttpMethod::kPut, Url(address, key, {{"partNumber", std::to_string(number)}, {"uploadId", upload_id}}));
  request.headers.Add("x-amz-checksum-crc32c", EncodeCrc32c(crc32c));
  request.body = &body;
  return request;
}

HttpRequest UploadPartCopyRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id,
                                  int number, const CopySource& source, ByteRange range) {
  HttpRequest request =
      Request(HttpMethod::kPut, Url(address, key, {{"partNumber", std::to_string(number)}, {"uploadId", upload_id}}));
  AddCopySource(address, source, request.headers);
  request.headers.Add("x-amz-copy-source-range", RangeValue(range));
  request.answer_allowance = kTimePerCopiedByte * static_cast<Duration::rep>(range.length);
  return request;
}

HttpRequest CompleteUploadRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id,
                                  BodySource& body, const Conditions& conditions) {
  HttpRequest request = Request(HttpMethod::kPost, Url(address, key, {{"uploadId", upload_id}}));
  AddConditions(conditions, request.headers);
  AddXmlBody(body, request);
  request.answer_allowance = kLongestComplete;
  return request;
}

std::string CompleteUploadBody(std::span<const UploadedPart> parts) {
  std::string xml = "<CompleteMultipartUpload>";
  for (const UploadedPart& part : parts) {
    xml += "<Part><PartNumber>" + std::to_string(part.number) + "</PartNumber><ETag>" + EscapeXml(Quoted(part.etag)) +
           "</ETag>";
    if (part.crc32c) xml += "<ChecksumCRC32C>" + EncodeCrc32c(*part.crc32c) + "</ChecksumCRC32C>";
    xml += "</Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

HttpRequest AbortUploadRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id) {
  return Request(HttpMethod::kDelete, Url(address, key, {{"uploadId", upload_id}}));
}

HttpRequest ListPartsRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id,
                             int after) {
  std::string url = Url(address, key, {{"uploadId", upload_id}});
  if (after > 0) url += "&part-number-marker=" + std::to_string(after);
  return Request(HttpMethod::kGet, std::move(url));
}

HttpRequest ListUploadsRequest(const BucketAddress& address, std::string_view prefix, const UploadMarker& after) {
  std::string url = Url(address, {}, {{"uploads", ""}, {"encoding-type", "url"}, {"prefix", prefix}});
  if (!after.key.empty()) url += "&key-marker=" + PercentEncode(after.key);
  if (!after.upload_id.empty()) url += "&upload-id-marker=" + PercentEncode(after.upload_id);
  return Request(HttpMethod::kGet, std::move(url));
}

HttpRequest ListVersionsRequest(const BucketAddress& address, std::string_view prefix, const VersionMarker& after) {
  std::string url = Url(address, {}, {{"versions", ""}, {"encoding-type", "url"}, {"prefix", prefix}});
  if (!after.key.empty()) url += "&key-marker=" + PercentEncode(after.key);
  if (!after.version_id.empty()) url += "&version-id-marker=" + PercentEncode(after.version_id);
  return Request(HttpMethod::kGet, std::move(url));
}

HttpRequest GetTagsRequest(const BucketAddress& address, const ObjectKey& key, std::string_view version_id) {
  if (version_id.empty()) return Request(HttpMethod::kGet, Url(address, key, {{"tagging", ""}}));
  return Request(HttpMethod::kGet, Url(address, key, {{"tagging", ""}, {"versionId", version_id}}));
}

HttpRequest SetTagsRequest(const BucketAddress& address, const ObjectKey& key, BodySource& body, uint32_t crc32c) {
  HttpRequest request = Request(HttpMethod::kPut, Url(address, key, {{"tagging", ""}}));
  request.headers.Add("x-amz-checksum-crc32c", EncodeCrc32c(crc32c));
  AddXmlBody(body, request);
  return request;
}

std::string SetTagsBody(const ObjectTags& tags) {
  std::string xml = "<Tagging><TagSet>";
  for (const auto& [name, value] : tags) {
    xml += "<Tag><Key>" + EscapeXml(name) + "</Key><Value>" + EscapeXml(value) + "</Value></Tag>";
  }
  return xml + "</TagSet></Tagging>";
}

}  // namespace cosfuse
