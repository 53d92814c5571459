#include "cos/operation.h"

namespace cosfuse {

std::string_view StoreOperationName(StoreOperation operation) {
  switch (operation) {
    case StoreOperation::kHead: return "HeadObject";
    case StoreOperation::kGet: return "GetObject";
    case StoreOperation::kPut: return "PutObject";
    case StoreOperation::kDelete: return "DeleteObject";
    case StoreOperation::kDeleteMany: return "DeleteObjects";
    case StoreOperation::kList: return "ListObjectsV2";
    case StoreOperation::kCopy: return "CopyObject";
    case StoreOperation::kBeginUpload: return "CreateMultipartUpload";
    case StoreOperation::kUploadPart: return "UploadPart";
    case StoreOperation::kUploadPartCopy: return "UploadPartCopy";
    case StoreOperation::kCompleteUpload: return "CompleteMultipartUpload";
    case StoreOperation::kAbortUpload: return "AbortMultipartUpload";
    case StoreOperation::kListParts: return "ListParts";
    case StoreOperation::kListUploads: return "ListMultipartUploads";
    case StoreOperation::kListVersions: return "ListObjectVersions";
    case StoreOperation::kGetTags: return "GetObjectTagging";
    case StoreOperation::kSetTags: return "PutObjectTagging";
  }
  return "Unknown";
}

}  // namespace cosfuse
