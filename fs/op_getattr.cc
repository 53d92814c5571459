#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<TimedAttributes> BucketFileSystem::GetAttributes(const OpContext& context, NodeId id) {
  ASSIGN_OR_RETURN(const NodeRef node, FindNode(id));
  if (parts_.write_only() || id == NodeId::kRoot) return Describe(node);
  const MonotonicTime now = parts_.clock.Now();
  bool believed = false;
  if (FileNode* const file = node->AsFile()) {
    MutexLock lock(file->mutex);
    const FileState& state = file->state();
    // An open file keeps showing its own version: what the name leads to by now is asked for by name.
    believed = state.handles > 0 || state.local_authority() || IsFresh(state.evidence, now, parts_.options.ttl);
  } else {
    DirectoryNode* const directory = node->AsDirectory();
    MutexLock lock(directory->mutex);
    const DirectoryState& state = directory->state();
    believed = state.removed || IsFresh(state.attributes_evidence, now, parts_.options.ttl);
  }
  if (!believed) {
    if (node->AsFile() != nullptr) {
      const auto file = std::static_pointer_cast<FileNode>(node);
      RETURN_IF_ERROR(resolver_.RefreshFile(context, file, RefreshFor::kAttributes));
    } else {
      RETURN_IF_ERROR(resolver_.RefreshDirectory(context, std::static_pointer_cast<DirectoryNode>(node)));
    }
  }
  return Describe(node);
}

}  // namespace cosfuse
