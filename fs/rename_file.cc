#include <chrono>
#include <utility>

#include "base/log.h"
#include "fs/bucket_file_system.h"
#include "fs/file_state.h"
#include "fs/object_copy.h"
#include "fs/resolve.h"

namespace cosfuse {
namespace {

/// A source that others rewrite faster than it can be copied.
constexpr int kMostTries = 5;
/// Of a DELETE whose answer was lost.
constexpr int kMostLooks = 3;
constexpr Duration kPatienceOfLooks = std::chrono::seconds(5);

/// What the store has under a file's name, as far as this mount knows; empty for nothing.
ETag VersionUnder(const FileRef& file, const ObjectKey& key) {
  MutexLock lock(file->mutex);
  FileState& state = file->state();
  LearnFromContent(state, key, std::nullopt);
  // Of a file that is not stored yet, what its own rename was to replace.
  return state.etag.empty() && state.replaced ? *state.replaced : state.etag;
}

/// The file's first upload replaces whatever its new name has, which is `replaced` now; nothing: only if there is none.
void SetReplaces(const FileRef& file, std::optional<ETag> replaced) {
  MutexLock lock(file->mutex);
  FileState& state = file->state();
  state.replaces_unseen = replaced.has_value();
  state.replaced = std::move(replaced);
}

}  // namespace

Result<> BucketFileSystem::RenameFile(const OpContext& context, const FileRef& source, const FileRef& target,
                                      const RenameNames& names) {
  ASSIGN_OR_RETURN(const RenameKeys keys, EnterRename(context, *source, names));
  std::shared_ptr<CachedFile> content;
  {
    MutexLock lock(source->mutex);
    content = source->state().content;
  }
  // What was promised, and has not gone to its old name yet, does not have to.
  const bool taken_back = content != nullptr && content->TakeBack();
  auto renamed = MoveFile(context, source, target, names, keys, taken_back);
  if (!taken_back) return renamed;
  if (!renamed) {
    // Whatever the journal says by now, it is to be stored under the name that it still has.
    if (const auto promised = storer_.PromiseUnder(source, keys.from); !promised) {
      Log(LogLevel::kError, "the journal does not take a rename back", {{"error", promised.error().ToString()}});
    }
  }
  storer_.StoreSoon(source);
  return renamed;
}

Result<> BucketFileSystem::MoveFile(const OpContext& context, const FileRef& source, const FileRef& target,
                                    const RenameNames& names, const RenameKeys& keys, bool waits_here) {
  std::shared_ptr<CachedFile> content;
  {
    MutexLock lock(source->mutex);
    content = source->state().content;
  }
  if (content != nullptr && content->dirty()) RETURN_IF_ERROR(content->WaitForUpload(context));
  bool goes_later = false;
  bool lost = false;
  {
    MutexLock lock(source->mutex);
    FileState& state = source->state();
    LearnFromContent(state, keys.from, std::nullopt);
    lost = state.conflicted;
    const bool never_stored =
        state.etag.empty() && !state.replaces_unseen && (content == nullptr || !content->may_be_stored());
    goes_later = never_stored && (state.writers > 0 || waits_here);
  }
  if (lost) {
    LoseName(names.parent, source);
    return Fail(ErrorCode::kStale, names.name + ": another writer has the name by now");
  }
  // What has left the disk has to be stored where it has gone to.
  goes_later = goes_later && (content == nullptr || content->GiveUpEarly());
  if (goes_later) {
    RETURN_IF_ERROR(TakeOverName(context, source, target, names, keys, waits_here));
  } else {
    if (target != nullptr) {
      RETURN_IF_ERROR(WaitForUpload(context, target));
      RETURN_IF_ERROR(KeepBytes(context, target));
    }
    RETURN_IF_ERROR(StoreHeld(context, source, keys.from, names));
    if (names.parent != names.new_parent) RETURN_IF_ERROR(EnsureDirectoryStays(context, names.parent, names.name));
    RETURN_IF_ERROR(storer_.KeepCopied(context, keys.to));
    RETURN_IF_ERROR(parts_.cache.StoreEarlier(context));
    // That there is no such name may have been known for a while.
    if (names.no_replace) {
      ASSIGN_OR_RETURN(const auto taken, InterpretHead(parts_.store.Head(context, keys.to, {})));
      if (taken) return Fail(ErrorCode::kAlreadyExists, names.new_name + ": exists");
    }
    RETURN_IF_ERROR(MoveObject(context, source, keys));
  }
  if (target != nullptr) Disown(target);
  if (!parts_.nodes.Move(*source, *names.new_parent, names.new_name)) {
    if (goes_later) SetReplaces(source, std::nullopt);
    return Fail(ErrorCode::kNotFound, names.new_name + ": the directory is gone");
  }
  RecordRename(source, names);
  // What waits here is promised anew, by whoever took it back.
  if (!waits_here) RetargetUploads(source, keys.to);
  return {};
}

Result<> BucketFileSystem::TakeOverName(const OpContext& context, const FileRef& source, const FileRef& target,
                                        const RenameNames& names, const RenameKeys& keys, bool waits_here) {
  std::shared_ptr<CachedFile> replaced;
  if (target != nullptr) {
    MutexLock lock(target->mutex);
    replaced = target->state().content;
  }
  // What was promised under the name need not get there any more.
  const bool taken_back = replaced != nullptr && replaced->TakeBack();
  const auto taken_over = [&]() -> Result<> {
    if (target != nullptr) {
      RETURN_IF_ERROR(WaitForUpload(context, target));
      RETURN_IF_ERROR(KeepBytes(context, target));
    }
    const ETag present = target == nullptr ? ETag() : VersionUnder(target, keys.to);
    SetReplaces(source, names.no_replace ? std::nullopt : std::optional(present));
    // A crash from here on finds the one or the other under that name.
    auto promised = waits_here ? storer_.PromiseUnder(source, keys.to) : Result<>();
    if (!promised) SetReplaces(source, std::nullopt);
    return promised;
  }();
  if (!taken_over && taken_back) storer_.StoreSoon(target);
  return taken_over;
}

void BucketFileSystem::RetargetUploads(const FileRef& file, const ObjectKey& key) {
  MutexLock lock(file->mutex);
  FileState& state = file->state();
  if (state.content != nullptr) state.content->NoteKey(key);
  // An upload that failed may be tried again by itself: it must not bring the old key back.
  if (state.changes_handed_over && state.dirty()) state.content->StartUpload(HandOver(state, key));
}

Result<> BucketFileSystem::StoreHeld(const OpContext& context, const FileRef& file, const ObjectKey& key,
                                     const RenameNames& names) {
  return storer_.StoreHeld(context, file, {.parent = names.parent, .name = names.name, .key = key});
}

bool BucketFileSystem::HasGone(const OpContext& context, const ObjectKey& key, const ETag& etag) {
  for (int looks = 0; looks < kMostLooks && !context.cancelled(); ++looks) {
    const auto info = InterpretHead(parts_.store.Head(context.WithPatience(kPatienceOfLooks), key, {}));
    if (info) return !*info || (*info)->etag != etag;
  }
  return false;
}

Result<> BucketFileSystem::MoveObject(const OpContext& context, const FileRef& source, const RenameKeys& keys) {
  for (int tries = 1;; ++tries) {
    ETag etag;
    ByteCount size = 0;
    std::shared_ptr<CachedFile> content;
    {
      MutexLock lock(source->mutex);
      etag = source->state().etag;
      size = source->state().stored_size;
      content = source->state().content;
    }
    const auto copied = CopyObject(context, parts_.store, parts_.pool, parts_.clock,
                                   {.key = keys.from, .if_match = etag}, size, keys.to, std::nullopt);
    if (!copied) {
      const ErrorCode code = copied.error().code();
      const bool changed = code == ErrorCode::kStale || code == ErrorCode::kNotFound;
      if (!changed || tries == kMostTries) return Fail(copied.error());
      RETURN_IF_ERROR(resolver_.RefreshFile(context, source, RefreshFor::kAttributes));
      continue;
    }
    parts_.cache.RebaseCopied({.key = keys.from, .etag = etag, .size = size},
                              {.key = keys.to, .etag = copied->etag, .size = size});
    // Open handles go on from the copy before the source goes.
    if (content != nullptr) content->Rebase({.key = keys.to, .etag = copied->etag, .size = size});
    // Rewritten or removed by somebody since it was copied: then what is there now is not what was renamed, and stays.
    auto removed = DeleteVersion(context, keys.from, etag, nullptr);
    if (!removed && !HasGone(context, keys.from, etag)) {
      if (content != nullptr) content->Rebase({.key = keys.from, .etag = etag, .size = size});
      return Fail(std::move(removed).error());
    }
    MutexLock lock(source->mutex);
    AdvanceVersion(source->state(), copied->etag, size, parts_.clock.Now());
    return {};
  }
}

}  // namespace cosfuse
