#include "emulator/cos/s3_router.h"

#include <array>

namespace cosfuse::emulator {
namespace {

constexpr std::array<std::string_view, 14> kNotOffered = {
    "acl",        "cors",        "lifecycle",  "policy",          "website", "encryption", "object-lock",
    "protection", "replication", "legal-hold", "extendRetention", "restore", "retention",  "torrent"};

S3Result<Operation> RouteBucket(std::string_view method, const Query& query) {
  if (method == "HEAD") return Operation::kHeadBucket;
  if (method == "POST" && query.Has("delete")) return Operation::kDeleteObjects;
  if (method == "PUT" && query.Has("versioning")) return Operation::kPutBucketVersioning;
  if (method != "GET") return Refuse(S3Code::kMethodNotAllowed);
  if (query.Has("location")) return Operation::kGetBucketLocation;
  if (query.Has("versioning")) return Operation::kGetBucketVersioning;
  if (query.Has("versions")) return Operation::kListObjectVersions;
  if (query.Has("uploads")) return Operation::kListMultipartUploads;
  return query.Get("list-type") == "2" ? Operation::kListObjectsV2 : Operation::kListObjects;
}

S3Result<Operation> RouteTagging(std::string_view method) {
  if (method == "GET") return Operation::kGetObjectTagging;
  if (method == "PUT") return Operation::kPutObjectTagging;
  if (method == "DELETE") return Operation::kDeleteObjectTagging;
  return Refuse(S3Code::kMethodNotAllowed);
}

S3Result<Operation> RouteObject(std::string_view method, const Query& query, const Headers& headers) {
  if (query.Has("tagging")) return RouteTagging(method);
  const bool is_upload = query.Has("uploadId");
  const bool is_copy = headers.Has("x-amz-copy-source");
  if (method == "HEAD") return Operation::kHeadObject;
  if (method == "GET") return is_upload ? Operation::kListParts : Operation::kGetObject;
  if (method == "DELETE") return is_upload ? Operation::kAbortMultipartUpload : Operation::kDeleteObject;
  if (method == "PUT" && is_upload) return is_copy ? Operation::kUploadPartCopy : Operation::kUploadPart;
  if (method == "PUT") return is_copy ? Operation::kCopyObject : Operation::kPutObject;
  if (method == "POST" && query.Has("uploads")) return Operation::kCreateMultipartUpload;
  if (method == "POST" && is_upload) return Operation::kCompleteMultipartUpload;
  return Refuse(S3Code::kMethodNotAllowed);
}

}  // namespace

S3Result<Operation> Route(std::string_view method, const Target& target, const Headers& headers) {
  for (const std::string_view name : kNotOffered) {
    if (target.query.Has(name)) return Refuse(S3Code::kNotImplemented);
  }
  if (target.bucket.empty()) {
    if (method == "GET" && target.key.empty()) return Operation::kListBuckets;
    return Refuse(S3Code::kMethodNotAllowed);
  }
  return target.key.empty() ? RouteBucket(method, target.query) : RouteObject(method, target.query, headers);
}

}  // namespace cosfuse::emulator
