#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cos/object_store.h"
#include "http/transport.h"

namespace cosfuse {

/// Where a bucket is: requests go to `{endpoint}/{bucket}/{key}` (path style, which every endpoint of Object Storage
/// takes, also for bucket names with dots).
struct BucketAddress {
  std::string endpoint;  ///< Scheme, host and port, without a slash at the end.
  std::string bucket;
};

// Each request of the S3 API as a value, made from plain values. Pure; nothing is sent here, and nothing secret is
// inside: the bearer token is added when a request is sent. Sources: COS documentation, "Object operations" and
// "Storing large objects".

HttpRequest HeadObjectRequest(const BucketAddress& address, const ObjectKey& key, const Conditions& conditions);

/// No range: the whole object, and the store is asked for its checksum.
HttpRequest GetObjectRequest(const BucketAddress& address, const ObjectKey& key, std::optional<ByteRange> range,
                             const Conditions& conditions);

/// `body` is borrowed; `crc32c` is the checksum of its bytes.
HttpRequest PutObjectRequest(const BucketAddress& address, const ObjectKey& key, BodySource& body, uint32_t crc32c,
                             const ObjectMetadata& metadata, const Conditions& conditions);

/// Carries no condition: what the service makes of one on a DELETE, or on the target of a copy, is documented nowhere,
/// and a header that is ignored looks like a condition that held.
HttpRequest DeleteObjectRequest(const BucketAddress& address, const ObjectKey& key);

/// The header by which the store can tell that a body arrived whole.
struct BodyProof {
  std::string header;
  std::string value;
};
/// `body` holds the text that DeleteObjectsBody makes. The store refuses the request without a proof.
HttpRequest DeleteObjectsRequest(const BucketAddress& address, BodySource& body, const BodyProof& proof);
/// Every key must be IsXmlText. Asks for failures only.
std::string DeleteObjectsBody(std::span<const ObjectKey> keys);

HttpRequest ListObjectsRequest(const BucketAddress& address, const ListRequest& list);

HttpRequest CopyObjectRequest(const BucketAddress& address, const CopySource& source, const ObjectKey& target,
                              const std::optional<ObjectMetadata>& metadata);

HttpRequest BeginUploadRequest(const BucketAddress& address, const ObjectKey& key, const ObjectMetadata& metadata,
                               const Conditions& conditions);

HttpRequest UploadPartRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id,
                              int number, BodySource& body, uint32_t crc32c);

HttpRequest UploadPartCopyRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id,
                                  int number, const CopySource& source, ByteRange range);

/// `body` holds the text that CompleteUploadBody makes.
HttpRequest CompleteUploadRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id,
                                  BodySource& body, const Conditions& conditions);
std::string CompleteUploadBody(std::span<const UploadedPart> parts);

HttpRequest AbortUploadRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id);

HttpRequest ListPartsRequest(const BucketAddress& address, const ObjectKey& key, std::string_view upload_id, int after);
HttpRequest ListUploadsRequest(const BucketAddress& address, std::string_view prefix, const UploadMarker& after);
HttpRequest ListVersionsRequest(const BucketAddress& address, std::string_view prefix, const VersionMarker& after);

HttpRequest GetTagsRequest(const BucketAddress& address, const ObjectKey& key, std::string_view version_id);
/// `body` holds the text that SetTagsBody makes, `crc32c` is its checksum.
HttpRequest SetTagsRequest(const BucketAddress& address, const ObjectKey& key, BodySource& body, uint32_t crc32c);
/// Every name and value must be IsXmlText.
std::string SetTagsBody(const ObjectTags& tags);

}  // namespace cosfuse
