#include <fcntl.h>

#include "fs/attribute_change.h"
#include "fs/bucket_file_system.h"
#include "fs/content_type.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"
#include "fs/resolve.h"

namespace cosfuse {
namespace {

/// Another program has been at the marker: what was believed of it is believed no more.
bool IsOvertaken(const Error& error) {
  return error.code() == ErrorCode::kStale || error.code() == ErrorCode::kNotFound ||
         error.code() == ErrorCode::kAlreadyExists;
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
  if (change.size) RETURN_IF_ERROR(TruncateFile(context, file, handle, *change.size));
  const WallTime now = parts_.clock.WallNow();
  PosixAttributes wanted;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    wanted = ApplyChange(state.attributes, change, now);
    if (wanted == state.attributes) return {};
    if (state.local_authority() || state.unlinked || state.conflicted) {
      state.attributes = wanted;
      ++state.attribute_changes;
      return {};
    }
  }
  if (parts_.write_only()) return Fail(ErrorCode::kAccessDenied, "a drop box cannot change what it has stored");
  return storer_.ChangeAttributes(context, file, wanted);
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
  const bool stored = directory->id() != NodeId::kRoot && (change.permissions || change.uid || change.gid);
  if (stored && !parts_.write_only()) {
    // The marker carries mode and owner together: what the change does not name must not be guessed.
    RETURN_IF_ERROR(GetAttributes(context, directory->id()));
  }
  PosixAttributes wanted;
  ObjectMetadata metadata;
  ETag marker;
  bool old_marker = false;
  {
    const WallTime now = parts_.clock.WallNow();
    MutexLock lock(directory->mutex);
    DirectoryState& state = directory->state();
    wanted = ApplyChange(state.attributes, change, now);
    const bool same = wanted.mode == state.attributes.mode && wanted.uid == state.attributes.uid &&
                      wanted.gid == state.attributes.gid;
    if (!stored || same) {
      state.times_are_ours = state.times_are_ours || wanted != state.attributes;
      state.attributes = wanted;
      return {};
    }
    metadata = state.marker_metadata;
    old_marker = state.old_marker;
    if (state.marker == MarkerState::kPresent) marker = state.marker_etag;
  }
  ASSIGN_OR_RETURN(const auto held, storer_.EnterAlone(context, *directory));
  if (old_marker) {
    // What is known is the object without the slash.
    ASSIGN_OR_RETURN(const auto info, InterpretHead(parts_.store.Head(context, held.place.key, {})));
    marker = info ? info->etag : ETag();
    if (info) metadata = info->metadata;
  }
  EncodeAttributes(wanted, metadata);
  if (metadata.content_type.empty()) metadata.content_type = kDirectoryContentType;
  const auto written = StoreMarker(context, held.place.key, marker, metadata);
  MutexLock lock(directory->mutex);
  DirectoryState& state = directory->state();
  if (!written && IsOvertaken(written.error())) {
    state.evidence.reset();
    state.attributes_evidence.reset();
    return Fail(written.error().WithCode(ErrorCode::kStale));
  }
  if (!written) return Fail(written.error());
  state.attributes = wanted;
  LearnOwnMarker(state, metadata, *written, parts_.clock.Now());
  return {};
}

Result<ETag> BucketFileSystem::StoreMarker(const OpContext& context, const ObjectKey& key, const ETag& present,
                                           const ObjectMetadata& metadata) {
  if (present.empty()) return storer_.PutNew(context, key, {}, metadata);
  if (parts_.write_only()) {
    // It may not read, so it may not copy. What it knows of it made itself, without bytes.
    SpanBodySource body({});
    ASSIGN_OR_RETURN(auto written, parts_.store.Put(context, key, body, metadata, {.if_match = present}));
    return std::move(written.etag);
  }
  // A marker may have bytes: somebody's data, which stay.
  ASSIGN_OR_RETURN(auto copied, parts_.store.Copy(context, {.key = key, .if_match = present}, key, metadata));
  return std::move(copied.etag);
}

}  // namespace cosfuse
