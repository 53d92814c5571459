#include "fs/bucket_file_system.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"

namespace cosfuse {

Result<> BucketFileSystem::RenameDirectory(const OpContext& context, const DirectoryRef& source,
                                           const DirectoryRef& target, const RenameNames& names) {
  ASSIGN_OR_RETURN(const RenameKeys keys, EnterRename(context, *source, names));
  if (keys.to.starts_with(keys.from)) {
    return Fail(ErrorCode::kInvalidArgument, names.name + ": cannot be moved into itself");
  }
  if (target != nullptr) RETURN_IF_ERROR(CheckEmpty(context, target, keys.to));
  RETURN_IF_ERROR(StoreBelow(context, source));
  RETURN_IF_ERROR(StoreEarlier(context));
  ASSIGN_OR_RETURN(MovedTree moved,
                   CopyTree(context, parts_.store, parts_.pool, parts_.clock, keys.from, keys.to, target != nullptr));
  if (names.parent != names.new_parent) RETURN_IF_ERROR(EnsureDirectoryStays(context, names.parent, names.name));
  // From here on everything is at both places: names and open handles go over to the new one before the old one goes.
  FollowMove(source, keys, moved);
  if (!parts_.nodes.Move(*source, *names.new_parent, names.new_name)) {
    return Fail(ErrorCode::kNotFound, names.new_name + ": the directory is gone");
  }
  for (const NodeRef& node : parts_.nodes.Descendants(*source)) {
    const auto key = parts_.nodes.KeyOf(*node);
    if (node->AsFile() != nullptr && key) RetargetUploads(std::static_pointer_cast<FileNode>(node), *key);
  }
  if (target != nullptr) {
    MutexLock lock(target->mutex);
    target->state().removed = true;
  }
  RecordRename(source, names);
  RETURN_IF_ERROR(DeleteTree(context, parts_.store, parts_.pool, moved));
  bool old_marker = false;
  {
    MutexLock lock(source->mutex);
    old_marker = std::exchange(source->state().old_marker, false);
  }
  if (!old_marker) return {};
  return MoveOldMarker(context, keys);
}

Result<> BucketFileSystem::MoveOldMarker(const OpContext& context, const RenameKeys& keys) {
  const ObjectKey from = keys.from.substr(0, keys.from.size() - 1);
  auto info = InterpretHead(parts_.store.Head(context, from, {}));
  if (!info) return Fail(std::move(info).error());
  if (!*info || !IsOldDirectoryMarker(**info)) return {};
  // The marker that the directory had beside it has moved with the tree, and counts.
  ASSIGN_OR_RETURN(const auto moved, InterpretHead(parts_.store.Head(context, keys.to, {})));
  if (!moved) {
    RETURN_IF_ERROR(parts_.store.Copy(context, {.key = from, .if_match = (*info)->etag}, keys.to, std::nullopt));
  }
  return parts_.store.Delete(context, from);
}

Result<> BucketFileSystem::StoreBelow(const OpContext& context, const DirectoryRef& directory) {
  for (const NodeRef& node : parts_.nodes.Descendants(*directory)) {
    FileNode* const file = node->AsFile();
    if (file == nullptr) continue;
    const auto place = parts_.nodes.Locate(*node);
    std::shared_ptr<CachedFile> content;
    {
      MutexLock lock(file->mutex);
      if (file->state().dirty()) content = file->state().content;
    }
    if (content == nullptr || !place) continue;
    RETURN_IF_ERROR(content->WaitForUpload(context));
    bool goes_later = false;
    {
      MutexLock lock(file->mutex);
      LearnFromContent(file->state(), place->key, std::nullopt);
      // What was promised goes to where the journal says, unless it gets there first.
      goes_later = file->state().etag.empty() && !content->may_be_stored() && file->state().writers > 0 &&
                   !content->stored_soon();
    }
    // A new file that is still being written goes to the store at its close, under the new name.
    if (goes_later && content->GiveUpEarly()) continue;
    RETURN_IF_ERROR(storer_.StoreHeld(context, std::static_pointer_cast<FileNode>(node), *place));
  }
  return {};
}

void BucketFileSystem::FollowMove(const DirectoryRef& directory, const RenameKeys& keys, const MovedTree& moved) {
  const auto moved_key = [&](const ObjectKey& key) { return keys.to + key.substr(keys.from.size()); };
  for (const BaseVersion& from : parts_.cache.copied_versions()) {
    const auto object = moved.find(from.key);
    if (object == moved.end() || object->second.etag != from.etag) continue;
    parts_.cache.RebaseCopied(from,
                              {.key = moved_key(from.key), .etag = object->second.copy, .size = object->second.size});
  }
  const MonotonicTime now = parts_.clock.Now();
  for (const NodeRef& node : parts_.nodes.Descendants(*directory)) {
    FileNode* const file = node->AsFile();
    const auto key = parts_.nodes.KeyOf(*node);
    if (file == nullptr || !key) continue;
    const auto object = moved.find(*key);
    if (object == moved.end()) continue;
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    LearnFromContent(state, *key, std::nullopt);
    // A version that others made meanwhile is met by the next lookup, as always.
    if (state.etag != object->second.etag) continue;
    AdvanceVersion(state, object->second.copy, object->second.size, now);
    if (state.content != nullptr) {
      state.content->Rebase({.key = moved_key(*key), .etag = object->second.copy, .size = object->second.size});
    }
  }
}

}  // namespace cosfuse
