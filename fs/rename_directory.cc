#include "base/log.h"
#include "fs/bucket_file_system.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"

namespace cosfuse {

Result<> BucketFileSystem::RenameDirectory(const OpContext& context, const DirectoryRef& source,
                                           const DirectoryRef& target, const RenameNames& names) {
  ASSIGN_OR_RETURN(RenameKeys keys, EnterRename(context, *source, names));
  if (keys.to.starts_with(keys.from)) {
    return Fail(ErrorCode::kInvalidArgument, names.name + ": cannot be moved into itself");
  }
  RETURN_IF_ERROR(moves_.CheckFree(keys.from, keys.to));
  if (target != nullptr) RETURN_IF_ERROR(CheckEmpty(context, target, keys.to));
  RETURN_IF_ERROR(StoreBelow(context, source));
  RETURN_IF_ERROR(parts_.cache.StoreEarlier(context));
  ASSIGN_OR_RETURN(auto move, moves_.Begin(keys.from, keys.to, target != nullptr));
  auto moved = MoveTree(context, source, target, names, keys, *move);
  if (moved && move->End()) return {};
  if (!moved) {
    Log(LogLevel::kWarning,
        move->switched() ? "a directory has its new name, and objects below the old one could not be deleted yet"
                         : "a directory could not be renamed: what was copied is removed again",
        {{"from", keys.from}, {"to", keys.to}, {"error", moved.error().ToString()}});
  }
  moves_.Settle(context, std::move(move), std::move(keys.hold));
  return moved;
}

Result<> BucketFileSystem::MoveTree(const OpContext& context, const DirectoryRef& source, const DirectoryRef& target,
                                    const RenameNames& names, const RenameKeys& keys, DirectoryMove& move) {
  RETURN_IF_ERROR(move.CopyEverything(context));
  if (names.parent != names.new_parent) RETURN_IF_ERROR(EnsureDirectoryStays(context, names.parent, names.name));
  RETURN_IF_ERROR(move.Switch());
  // From here on everything is at both places: names and open handles go over to the new one before the old one goes.
  FollowMove(source, keys, move.tree());
  if (!parts_.nodes.Move(*source, *names.new_parent, names.new_name)) {
    return Fail(ErrorCode::kNotFound, names.new_name + ": the directory is gone");
  }
  ForgetAnswersUnderWay(source);
  for (const NodeRef& node : parts_.nodes.Descendants(*source)) {
    const auto key = parts_.nodes.KeyOf(*node);
    if (node->AsFile() != nullptr && key) RetargetUploads(std::static_pointer_cast<FileNode>(node), *key);
  }
  if (target != nullptr) {
    MutexLock lock(target->mutex);
    target->state().removed = true;
  }
  RecordRename(source, names);
  RETURN_IF_ERROR(move.DeleteSources(context));
  bool old_marker = false;
  {
    MutexLock lock(source->mutex);
    old_marker = std::exchange(source->state().old_marker, false);
  }
  return old_marker ? move.MoveOldMarker(context) : Result<>();
}

void BucketFileSystem::ForgetAnswersUnderWay(const DirectoryRef& moved) {
  std::vector<NodeRef> nodes = parts_.nodes.Descendants(*moved);
  nodes.push_back(moved);
  for (const NodeRef& node : nodes) {
    DirectoryNode* const directory = node->AsDirectory();
    if (directory == nullptr) continue;
    MutexLock lock(directory->mutex);
    directory->state().changes.RecordUnknown();
  }
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
  const auto copy_of = [&](const MovedTree::value_type& object) {
    return BaseVersion{.key = MovedKey(object.first, keys.from, keys.to),
                       .etag = object.second.copy->made,
                       .size = object.second.present.size};
  };
  for (const BaseVersion& from : parts_.cache.copied_versions()) {
    const auto object = moved.find(from.key);
    if (object == moved.end() || object->second.present.etag != from.etag) continue;
    parts_.cache.RebaseCopied(from, copy_of(*object));
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
    if (state.etag != object->second.present.etag) continue;
    const BaseVersion copy = copy_of(*object);
    AdvanceVersion(state, copy.etag, copy.size, now);
    if (state.content != nullptr) state.content->Rebase(copy);
  }
}

}  // namespace cosfuse
