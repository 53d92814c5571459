#include "cos/requests.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/encoding.h"
#include "cos/crc32c.h"
#include "cos/limits.h"
#include "cos/metadata_fields.h"
#include "cos/object_key.h"
#include "cos/xml_text.h"

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
}

void AddCopySource(const BucketAddress& address, const CopySource& source, HttpHeaders& headers) {
  headers.Add("x-amz-copy-source", "/" + EncodeKeyPath(address.bucket) + "/" + EncodeKeyPath(source.key));
  if (!source.if_match.empty()) headers.Add("x-amz-copy-source-if-match", Quoted(source.if_match));
}

void AddXmlBody(BodySource& body, HttpRequest& request) {
  request.headers.Add("Content-Type", "application/xml");
  request.body = &body;
}

}  // namespace

HttpRequest HeadObjectRequest(const BucketAddress& address, const ObjectKey& key, const Conditions& conditions) {
  HttpRequest request = Request(HttpMethod::kHead, Url(address, key, {}));
  AddConditions(conditions, request.headers);
  return request;
}

HttpRequest GetObjectRequest(const BucketAddress& address, const ObjectKey& key, std::optional<ByteRange> range,
                             const Conditions& conditions) {
  HttpRequest request = Request(HttpMethod::kGet, Url(address, key, {}));
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
  AddConditions(conditions, request.headers);
  request.headers.Add("x-amz-checksum-crc32c", EncodeCrc32c(crc32c));
  request.body = &body;
  return request;
}

HttpRequest DeleteObjectRequest(const BucketAddress& address, const ObjectKey& key) {
  return Request(HttpMethod::kDelete, Url(address, key, {}));
}

HttpRequest DeleteObjectsRequest(const BucketAddress& address, BodySource& body, std::string_view content_md5) {
  HttpRequest request = Request(HttpMethod::kPost, Url(address, {}, {{"delete", ""}}));
  request.headers.Add("Content-MD5", std::string(content_md5));
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
  request.answer_allowance = kLongestCopy;
  return request;
}

HttpRequest BeginUploadRequest(const BucketAddress& address, const ObjectKey& key, const ObjectMetadata& metadata,
                               const Conditions& conditions) {
  HttpRequest request = Request(HttpMethod::kPost, Url(address, key, {{"uploads", ""}}));
  AddMetadataFields(metadata, request.headers);
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
           "</ETag></Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

HttpRequest AbortUploadRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id) {
  return Request(HttpMethod::kDelete, Url(address, key, {{"uploadId", upload_id}}));
}

}  // namespace cosfuse
