#pragma once

#include <cstddef>
#include <string_view>

namespace cosfuse {

/// The kinds of request that cosfuse makes to object storage, one for each method of ObjectStore.
enum class StoreOperation {
  kHead,
  kGet,
  kPut,
  kDelete,
  kDeleteMany,
  kList,
  kCopy,
  kBeginUpload,
  kUploadPart,
  kUploadPartCopy,
  kCompleteUpload,
  kAbortUpload,
  kListParts,
  kListUploads,
  kListVersions,
  kGetTags,
  kSetTags,
};

inline constexpr size_t kStoreOperationCount = static_cast<size_t>(StoreOperation::kSetTags) + 1;

/// The operation's name in the S3 API ("HeadObject"), as logs, metrics and counters show it.
std::string_view StoreOperationName(StoreOperation operation);

}  // namespace cosfuse
