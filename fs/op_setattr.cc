#include <fcntl.h>

#include "fs/attribute_change.h"
#include "fs/bucket_file_system.h"
#include "fs/file_state.h"

namespace cosfuse {
namespace {

bool ChangesSizeAlone(const AttributeChange& change) {
  return !change.permissions && !change.uid && !change.gid && !change.access_time && !change.modification_time &&
         !change.change_time;
}

}  // namespace

Result<TimedAttributes> BucketFileSystem::SetAttributes(const OpContext& context, const Caller&, NodeId id,
                                                        std::optional<HandleId> handle, const AttributeChange& change) {
  if (parts_.options.access == AccessMode::kReadOnly || !handle) {
    RETURN_IF_ERROR(CheckMayChange());
  } else {
    RETURN_IF_ERROR(CheckMayContinue());
  }
  ASSIGN_OR_RETURN(const NodeRef node, FindNode(id));
  if (node->AsFile() != nullptr) {
    RETURN_IF_ERROR(SetFileAttributes(context, std::static_pointer_cast<FileNode>(node), handle, change));
  } else {
    if (change.size) return Fail(ErrorCode::kIsDirectory, "a directory has no bytes to cut");
    RETURN_IF_ERROR(SetDirectoryAttributes(context, std::static_pointer_cast<DirectoryNode>(node), change));
  }
  return Describe(node);
}

Result<> BucketFileSystem::SetFileAttributes(const OpContext& context, const FileRef& file,
                                             const std::optional<HandleId>& handle, const AttributeChange& change) {
  if (change.size) {
    RETURN_IF_ERROR(TruncateFile(context, file, handle, *change.size));
    // A new size brings its own times.
    if (ChangesSizeAlone(change)) return {};
  }
  return EditAttributes(context, file,
                        [&change, now = parts_.clock.WallNow()](const PosixAttributes& present, const ObjectMetadata&) {
                          return ApplyChange(present, change, now);
                        });
}

Result<> BucketFileSystem::TruncateFile(const OpContext& context, const FileRef& file,
                                        const std::optional<HandleId>& handle, ByteCount size) {
  std::shared_ptr<CachedFile> content;
  bool stored_by_close = true;
  {
    MutexLock lock(file->mutex);
    const FileState& state = file->state();
    if (handle || state.local_authority()) content = state.content;
    stored_by_close = handle || state.writers > 0;
  }
  if (content == nullptr) return TruncateClosed(context, file, size);
  if (!stored_by_close) RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
  for (;;) {
    const auto truncated = content->Truncate(size);
    if (truncated) break;
    if (truncated.error().code() != ErrorCode::kWouldWait) return truncated;
    RETURN_IF_ERROR(content->PrepareWrite(context, {size, 1}));
  }
  {
    const WallTime now = parts_.clock.WallNow();
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    state.attributes.modification_time = now;
    state.attributes.change_time = now;
    stored_by_close = handle || state.writers > 0;
  }
  // Nobody may be left whose close would do it: the file is on its way after its last close, or that was just now.
  return stored_by_close ? Result<>() : storer_.Store(context, file);
}

Result<> BucketFileSystem::TruncateClosed(const OpContext& context, const FileRef& file, ByteCount size) {
  RETURN_IF_ERROR(ProveVersion(context, file, O_WRONLY));
  {
    MutexLock lock(file->mutex);
    if (file->state().size() == size) return {};
  }
  RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
  ASSIGN_OR_RETURN(const OpenedFile opened, OpenHandle(file, size == 0 ? O_WRONLY | O_TRUNC : O_WRONLY));
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(opened.handle));
  auto stored = handle->content->Truncate(size);
  if (stored) {
    const WallTime now = parts_.clock.WallNow();
    {
      MutexLock lock(file->mutex);
      file->state().attributes.modification_time = now;
      file->state().attributes.change_time = now;
    }
    stored = storer_.Store(context, file);
  }
  Release(opened.handle);
  return stored;
}

Result<> BucketFileSystem::SetDirectoryAttributes(const OpContext& context, const DirectoryRef& directory,
                                                  const AttributeChange& change) {
  const bool stored = change.permissions || change.uid || change.gid;
  return EditAttributes(context, directory, stored,
                        [&change, now = parts_.clock.WallNow()](const PosixAttributes& present, const ObjectMetadata&) {
                          return ApplyChange(present, change, now);
                        });
}

}  // namespace cosfuse
