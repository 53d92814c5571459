#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace cosfuse::emulator {

/// What a request asks for, under the names of the S3 API; and IAM's one operation.
enum class Operation {
  kListBuckets,
  kHeadBucket,
  kGetBucketLocation,
  kGetBucketVersioning,
  kPutBucketVersioning,
  kListObjectsV2,
  kListObjects,
  kListObjectVersions,
  kHeadObject,
  kGetObject,
  kPutObject,
  kCopyObject,
  kDeleteObject,
  kDeleteObjects,
  kCreateMultipartUpload,
  kUploadPart,
  kUploadPartCopy,
  kCompleteMultipartUpload,
  kAbortMultipartUpload,
  kListMultipartUploads,
  kListParts,
  kGetObjectTagging,
  kPutObjectTagging,
  kDeleteObjectTagging,
  kTokenExchange,
};

inline constexpr size_t kOperationCount = static_cast<size_t>(Operation::kTokenExchange) + 1;

/// "PutObject".
std::string_view OperationName(Operation operation);
std::optional<Operation> ParseOperation(std::string_view name);

}  // namespace cosfuse::emulator
