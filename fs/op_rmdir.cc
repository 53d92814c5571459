#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<> BucketFileSystem::RemoveDirectory(const OpContext& context, NodeId parent, std::string_view name) {
  RETURN_IF_ERROR(CheckMayChange());
  if (parts_.write_only()) return Fail(ErrorCode::kAccessDenied, "a drop box cannot remove what it has stored");
  ASSIGN_OR_RETURN(const DirectoryRef directory, FindDirectory(parent));
  ASSIGN_OR_RETURN(const auto node, FindTarget(context, directory, name));
  if (!node) return Fail(ErrorCode::kNotFound, std::string(name) + ": no such name");
  if ((*node)->AsDirectory() == nullptr) return Fail(ErrorCode::kNotDirectory, std::string(name) + ": a file");
  const auto removed = std::static_pointer_cast<DirectoryNode>(*node);

  ASSIGN_OR_RETURN(const auto held, storer_.EnterAlone(context, *removed));
  RETURN_IF_ERROR(CheckEmpty(context, removed, held.place.key));
  bool marked = false;
  bool old_marker = false;
  {
    MutexLock lock(removed->mutex);
    marked = removed->state().marker == MarkerState::kPresent;
    old_marker = removed->state().old_marker;
  }
  if (marked || old_marker) RETURN_IF_ERROR(parts_.cache.StoreEarlier(context));
  if (marked || old_marker) RETURN_IF_ERROR(EnsureDirectoryStays(context, directory, name));
  if (marked) RETURN_IF_ERROR(parts_.store.Delete(context, held.place.key));
  if (old_marker) {
    RETURN_IF_ERROR(parts_.store.Delete(context, held.place.key.substr(0, held.place.key.size() - 1)));
  }
  if (!parts_.nodes.DetachUnlessUnsent(*removed)) {
    return Fail(ErrorCode::kNotEmpty, held.place.key + ": the directory has entries");
  }
  {
    MutexLock lock(removed->mutex);
    removed->state().removed = true;
  }
  Record(directory, name, std::nullopt);
  return {};
}

}  // namespace cosfuse
