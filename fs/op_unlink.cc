#include "fs/bucket_file_system.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"
#include "fs/removal_plan.h"

namespace cosfuse {
namespace {

bool ShowsObject(DirectoryNode& directory, std::string_view name) {
  MutexLock lock(directory.mutex);
  const auto& listing = directory.state().listing;
  const ListedName* const listed = listing ? listing->Find(name) : nullptr;
  return listed != nullptr && !listed->etag.empty();
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
  ASSIGN_OR_RETURN(auto held, storer_.EnterAlone(context, *file));
  std::shared_ptr<CachedFile> content;
  {
    MutexLock lock(file->mutex);
    content = file->state().content;
  }
  bool never_stored = false;
  {
    MutexLock lock(file->mutex);
    const FileState& state = file->state();
    never_stored = state.etag.empty() && !state.replaces_unseen && content != nullptr && !content->may_be_stored();
  }
  // No DELETE gets there before what was closed earlier; for what is here alone none is needed, unless it gets there
  // now. One that goes a moment later waits there.
  if (!never_stored && !RemovalToQueue(directory, file, name)) RETURN_IF_ERROR(parts_.cache.StoreEarlier(context));
  const bool taken_back = never_stored && content->TakeBack();
  auto removed = UnlinkHeld(context, directory, file, name, held);
  if (!removed && taken_back) storer_.StoreSoon(file);
  return removed;
}

Result<> BucketFileSystem::UnlinkHeld(const OpContext& context, const DirectoryRef& directory, const FileRef& file,
                                      std::string_view name, FileStorer::HeldPlace& held) {
  const ObjectKey& key = held.place.key;
  std::shared_ptr<CachedFile> content;
  {
    MutexLock lock(file->mutex);
    content = file->state().content;
  }
  const uint64_t begun = content == nullptr ? 0 : content->uploads_begun();
  if (content != nullptr && content->dirty()) RETURN_IF_ERROR(content->WaitForUpload(context));
  const auto is_lost = [&] {
    MutexLock lock(file->mutex);
    LearnFromContent(file->state(), key, std::nullopt);
    return file->state().conflicted;
  };
  // Bytes that have left the disk can be kept only by storing them.
  bool lost = is_lost();
  if (!lost) {
    RETURN_IF_ERROR(KeepBytes(context, file));
    lost = is_lost();
  }
  if (lost) {
    // The object is another writer's; what was written here lies beside it.
    LoseName(directory, file);
    return {};
  }
  bool stored = false;
  {
    MutexLock lock(file->mutex);
    const FileState& state = file->state();
    stored = !state.etag.empty() || state.replaces_unseen || (content != nullptr && content->may_be_stored());
  }
  // Of a file that was never stored, an object that a listing showed meanwhile is another client's.
  bool ours = stored || !ShowsObject(*directory, name);
  if (stored) {
    ASSIGN_OR_RETURN(ours, RemoveStored(context, directory, file, name, held));
  }
  Disown(file);
  Record(directory, name, std::nullopt);
  if (!ours) RecordForeign(directory);
  if (content == nullptr) return {};
  // An upload that was due by itself may have begun in between.
  RETURN_IF_ERROR(content->WaitForUpload(context));
  if (content->uploads_begun() == begun) return {};
  RETURN_IF_ERROR(parts_.cache.StoreEarlier(context));
  const auto base = content->base();
  const ETag made = base && base->key == key ? base->etag : ETag();
  ASSIGN_OR_RETURN(ours, DeleteVersion(context, key, made, content.get()));
  if (!ours) RecordForeign(directory);
  return {};
}

std::optional<Removal> BucketFileSystem::RemovalToQueue(const DirectoryRef& directory, const FileRef& file,
                                                        std::string_view name) const {
  // Who waits for a lock is to see at once that it is free.
  if (!removals_.usable() || parts_.options.exclusive_names.Match(name)) return std::nullopt;
  MutexLock lock(file->mutex);
  const FileState& state = file->state();
  // An upload that failed may have made a version that is not known here.
  if (state.etag.empty() || state.dirty()) return std::nullopt;
  return Removal{.directory = directory,
                 .version = {.etag = state.etag, .modified = state.last_modified, .removed_at = parts_.clock.WallNow()},
                 .shown = state.evidence};
}

Result<bool> BucketFileSystem::RemoveStored(const OpContext& context, const DirectoryRef& directory,
                                            const FileRef& file, std::string_view name, FileStorer::HeldPlace& held) {
  const ObjectKey& key = held.place.key;
  auto removal = RemovalToQueue(directory, file, name);
  if (!removal) RETURN_IF_ERROR(parts_.cache.StoreEarlier(context));
  RETURN_IF_ERROR(storer_.KeepCopied(context, key));
  RETURN_IF_ERROR(EnsureDirectoryStays(context, directory, name));
  if (removal) {
    const auto queued = removals_.Add(context, key, *std::move(removal), held.hold);
    if (queued) return true;
    if (queued.error().code() != ErrorCode::kNoSpace) return Fail(queued.error());
    RETURN_IF_ERROR(parts_.cache.StoreEarlier(context));
  }
  auto ours = DeleteUnlinked(context, file, key);
  if (ours) removals_.NoteMayDelete();
  return ours;
}

Result<bool> BucketFileSystem::DeleteUnlinked(const OpContext& context, const FileRef& file, const ObjectKey& key) {
  ETag etag;
  std::shared_ptr<CachedFile> content;
  bool proven = false;
  {
    MutexLock lock(file->mutex);
    const FileState& state = file->state();
    etag = state.etag;
    content = state.content;
    // An upload that failed may have done so because of another writer's version.
    const bool failed = state.dirty() && content->uploads_begun() > 0;
    const bool fresh = !failed && IsFresh(state.evidence, parts_.clock.Now(), kEvidenceForDelete);
    // What a rename replaced unseen is removed whatever it is.
    proven = etag.empty() ? state.replaces_unseen : fresh;
  }
  if (!proven) return DeleteVersion(context, key, etag, content.get());
  RETURN_IF_ERROR(parts_.store.Delete(context, key));
  return true;
}

}  // namespace cosfuse
