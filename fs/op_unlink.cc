#include "fs/bucket_file_system.h"
#include "fs/file_state.h"

namespace cosfuse {
namespace {

ETag BaseOf(const std::shared_ptr<CachedFile>& content) {
  const auto base = content == nullptr ? std::nullopt : content->base();
  return base ? base->etag : ETag();
}

}  // namespace

Result<> BucketFileSystem::Unlink(const OpContext& context, NodeId parent, std::string_view name) {
  RETURN_IF_ERROR(CheckMayChange());
  if (parts_.write_only()) return Fail(ErrorCode::kAccessDenied, "a drop box cannot remove what it has stored");
  ASSIGN_OR_RETURN(const DirectoryRef directory, FindDirectory(parent));
  ASSIGN_OR_RETURN(const auto node, FindTarget(context, directory, name));
  if (!node) return Fail(ErrorCode::kNotFound, std::string(name) + ": no such name");
  if ((*node)->AsFile() == nullptr) return Fail(ErrorCode::kIsDirectory, std::string(name) + ": a directory");
  const auto file = std::static_pointer_cast<FileNode>(*node);

  // From here on nobody begins to store the key; what is under way is waited for, so that it cannot come back later.
  ASSIGN_OR_RETURN(const auto held, storer_.EnterAlone(context, *file));
  std::shared_ptr<CachedFile> content;
  {
    MutexLock lock(file->mutex);
    content = file->state().content;
  }
  if (content != nullptr && content->dirty()) RETURN_IF_ERROR(content->WaitForUpload(context));
  bool stored = false;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    LearnFromContent(state, held.place.key, std::nullopt);
    stored = !state.etag.empty() || state.replaces_unseen;
  }
  const ETag before = BaseOf(content);
  if (stored) {
    RETURN_IF_ERROR(EnsureDirectoryStays(context, directory, name));
    RETURN_IF_ERROR(KeepBytes(context, file));
    RETURN_IF_ERROR(parts_.store.Delete(context, held.place.key));
  }
  Disown(file);
  Record(directory, name, std::nullopt);
  if (content != nullptr) {
    // An upload that was due by itself may have begun in between.
    RETURN_IF_ERROR(content->WaitForUpload(context));
    if (BaseOf(content) != before) RETURN_IF_ERROR(parts_.store.Delete(context, held.place.key));
  }
  return {};
}

}  // namespace cosfuse
