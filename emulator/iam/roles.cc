#include "emulator/iam/roles.h"

namespace cosfuse::emulator {
namespace {

bool ContentReaderPermits(Operation operation) {
  switch (operation) {
    case Operation::kHeadBucket:
    case Operation::kGetBucketLocation:
    case Operation::kListObjectsV2:
    case Operation::kListObjects:
    case Operation::kListObjectVersions:
    case Operation::kHeadObject:
    case Operation::kGetObject: return true;
    case Operation::kListBuckets:
    case Operation::kGetBucketVersioning:
    case Operation::kPutBucketVersioning:
    case Operation::kPutObject:
    case Operation::kCopyObject:
    case Operation::kDeleteObject:
    case Operation::kDeleteObjects:
    case Operation::kCreateMultipartUpload:
    case Operation::kUploadPart:
    case Operation::kUploadPartCopy:
    case Operation::kCompleteMultipartUpload:
    case Operation::kAbortMultipartUpload:
    case Operation::kListMultipartUploads:
    case Operation::kListParts:
    case Operation::kGetObjectTagging:
    case Operation::kPutObjectTagging:
    case Operation::kDeleteObjectTagging:
    case Operation::kTokenExchange: return false;
  }
  return false;
}

bool ObjectWriterPermits(Operation operation) {
  switch (operation) {
    case Operation::kPutObject:
    case Operation::kCreateMultipartUpload:
    case Operation::kUploadPart:
    case Operation::kCompleteMultipartUpload:
    case Operation::kAbortMultipartUpload:
    case Operation::kPutObjectTagging: return true;
    case Operation::kListBuckets:
    case Operation::kHeadBucket:
    case Operation::kGetBucketLocation:
    case Operation::kGetBucketVersioning:
    case Operation::kPutBucketVersioning:
    case Operation::kListObjectsV2:
    case Operation::kListObjects:
    case Operation::kListObjectVersions:
    case Operation::kHeadObject:
    case Operation::kGetObject:
    case Operation::kCopyObject:
    case Operation::kDeleteObject:
    case Operation::kDeleteObjects:
    case Operation::kUploadPartCopy:
    case Operation::kListMultipartUploads:
    case Operation::kListParts:
    case Operation::kGetObjectTagging:
    case Operation::kDeleteObjectTagging:
    case Operation::kTokenExchange: return false;
  }
  return false;
}

std::optional<RoleSet> ParseRole(std::string_view name) {
  if (name == "Writer") return Role::kWriter;
  if (name == "Manager") return Role::kManager;
  if (name == "ContentReader") return Role::kContentReader;
  if (name == "ObjectWriter") return Role::kObjectWriter;
  if (name == "None") return RoleSet();
  return std::nullopt;
}

}  // namespace

std::optional<RoleSet> ParseRoles(std::string_view text) {
  RoleSet roles;
  for (;;) {
    const size_t plus = text.find('+');
    const auto role = ParseRole(text.substr(0, plus));
    if (!role) return std::nullopt;
    roles.Add(*role);
    if (plus == std::string_view::npos) return roles;
    text.remove_prefix(plus + 1);
  }
}

bool Permits(RoleSet roles, Operation operation) {
  if (roles.Has(Role::kWriter) || roles.Has(Role::kManager)) return true;
  return (roles.Has(Role::kContentReader) && ContentReaderPermits(operation)) ||
         (roles.Has(Role::kObjectWriter) && ObjectWriterPermits(operation));
}

bool PermitsAnonymous(Operation operation) { return ContentReaderPermits(operation); }

}  // namespace cosfuse::emulator
