#include "emulator/cos/operation.h"

namespace cosfuse::emulator {

std::string_view OperationName(Operation operation) {
  switch (operation) {
    case Operation::kListBuckets: return "ListBuckets";
    case Operation::kHeadBucket: return "HeadBucket";
    case Operation::kGetBucketLocation: return "GetBucketLocation";
    case Operation::kGetBucketVersioning: return "GetBucketVersioning";
    case Operation::kPutBucketVersioning: return "PutBucketVersioning";
    case Operation::kListObjectsV2: return "ListObjectsV2";
    case Operation::kListObjects: return "ListObjects";
    case Operation::kListObjectVersions: return "ListObjectVersions";
    case Operation::kHeadObject: return "HeadObject";
    case Operation::kGetObject: return "GetObject";
    case Operation::kPutObject: return "PutObject";
    case Operation::kCopyObject: return "CopyObject";
    case Operation::kDeleteObject: return "DeleteObject";
    case Operation::kDeleteObjects: return "DeleteObjects";
    case Operation::kCreateMultipartUpload: return "CreateMultipartUpload";
    case Operation::kUploadPart: return "UploadPart";
    case Operation::kUploadPartCopy: return "UploadPartCopy";
    case Operation::kCompleteMultipartUpload: return "CompleteMultipartUpload";
    case Operation::kAbortMultipartUpload: return "AbortMultipartUpload";
    case Operation::kListMultipartUploads: return "ListMultipartUploads";
    case Operation::kListParts: return "ListParts";
    case Operation::kGetObjectTagging: return "GetObjectTagging";
    case Operation::kPutObjectTagging: return "PutObjectTagging";
    case Operation::kDeleteObjectTagging: return "DeleteObjectTagging";
    case Operation::kTokenExchange: return "TokenExchange";
  }
  return "";
}

std::optional<Operation> ParseOperation(std::string_view name) {
  for (size_t i = 0; i < kOperationCount; ++i) {
    const auto operation = static_cast<Operation>(i);
    if (OperationName(operation) == name) return operation;
  }
  return std::nullopt;
}

}  // namespace cosfuse::emulator
