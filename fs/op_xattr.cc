#include "fs/bucket_file_system.h"

namespace cosfuse {
namespace {

/// Errors: kUnsupported.
Result<> CheckIsKept(std::string_view name) {
  switch (NamespaceOf(name)) {
    case AttributeNamespace::kUser:
    case AttributeNamespace::kTrusted: return {};
    case AttributeNamespace::kSecurity:
    case AttributeNamespace::kUnsupported: break;
  }
  return Fail(ErrorCode::kUnsupported, std::string(name) + ": attributes of this namespace are not kept");
}

/// The kernel does not say through which handle an attribute is set.
bool IsBeingWritten(Node& node) {
  FileNode* const file = node.AsFile();
  if (file == nullptr) return false;
  MutexLock lock(file->mutex);
  return file->state().writers > 0;
}

std::unexpected<Error> FailMissing(std::string_view name) {
  return Fail(ErrorCode::kNoAttribute, std::string(name) + ": no such attribute");
}

}  // namespace

Result<ExtendedAttributes> BucketFileSystem::FetchExtendedAttributes(const OpContext& context, NodeId id) {
  RETURN_IF_ERROR(GetAttributes(context, id));
  ASSIGN_OR_RETURN(const NodeRef node, FindNode(id));
  if (FileNode* const file = node->AsFile()) {
    MutexLock lock(file->mutex);
    return file->state().attributes.extended;
  }
  DirectoryNode* const directory = node->AsDirectory();
  MutexLock lock(directory->mutex);
  return directory->state().attributes.extended;
}

Result<> BucketFileSystem::EditExtendedAttributes(const OpContext& context, NodeId id,
                                                  const ExtendedAttributesEdit& edit) {
  // It would be gone with the mount.
  if (id == NodeId::kRoot) return Fail(ErrorCode::kUnsupported, "the mount's own directory is no object");
  ASSIGN_OR_RETURN(const NodeRef node, FindNode(id));
  RETURN_IF_ERROR(IsBeingWritten(*node) ? CheckMayContinue() : CheckMayChange());
  RETURN_IF_ERROR(GetAttributes(context, id));
  const auto edit_all = [&edit, now = parts_.clock.WallNow()](
                            const PosixAttributes& present, const ObjectMetadata& metadata) -> Result<PosixAttributes> {
    PosixAttributes wanted = present;
    ASSIGN_OR_RETURN(wanted.extended, edit(present.extended));
    if (wanted.extended == present.extended) return wanted;
    const bool more =
        FormatExtendedAttributes(wanted.extended).size() > FormatExtendedAttributes(present.extended).size();
    if (more && !FitsIntoMetadata(wanted, metadata)) {
      return Fail(ErrorCode::kNoSpace, "an object's metadata has no room for that attribute");
    }
    wanted.change_time = now;
    return wanted;
  };
  if (node->AsFile() != nullptr) {
    return EditAttributes(context, std::static_pointer_cast<FileNode>(node), edit_all);
  }
  return EditAttributes(context, std::static_pointer_cast<DirectoryNode>(node), true, edit_all);
}

Result<std::string> BucketFileSystem::GetExtendedAttribute(const OpContext& context, NodeId node,
                                                           std::string_view name) {
  if (NamespaceOf(name) == AttributeNamespace::kSecurity) return FailMissing(name);
  RETURN_IF_ERROR(CheckIsKept(name));
  ASSIGN_OR_RETURN(const ExtendedAttributes present, FetchExtendedAttributes(context, node));
  const auto found = present.find(name);
  if (found == present.end()) return FailMissing(name);
  return found->second;
}

Result<> BucketFileSystem::SetExtendedAttribute(const OpContext& context, NodeId node, std::string_view name,
                                                std::string_view value, ExtendedAttributeMode mode) {
  RETURN_IF_ERROR(CheckIsKept(name));
  return EditExtendedAttributes(
      context, node, [&](const ExtendedAttributes& present) { return WithAttribute(present, name, value, mode); });
}

Result<std::vector<std::string>> BucketFileSystem::ListExtendedAttributes(const OpContext& context,
                                                                          const Caller& caller, NodeId node) {
  ASSIGN_OR_RETURN(const ExtendedAttributes present, FetchExtendedAttributes(context, node));
  return VisibleNames(present, caller.uid == 0);
}

Result<> BucketFileSystem::RemoveExtendedAttribute(const OpContext& context, NodeId node, std::string_view name) {
  if (NamespaceOf(name) == AttributeNamespace::kSecurity) return FailMissing(name);
  RETURN_IF_ERROR(CheckIsKept(name));
  return EditExtendedAttributes(context, node,
                                [&](const ExtendedAttributes& present) { return WithoutAttribute(present, name); });
}

}  // namespace cosfuse
