#include <utility>

#include "base/log.h"
#include "fs/closed_content.h"
#include "fs/file_state.h"
#include "fs/file_storer.h"

// Closes that do not wait: what is safe on the local disk, and stored a little later.

namespace cosfuse {
namespace {

/// What waited to be stored has not gone anywhere, unless an upload is under way: that one carries what was handed over
/// before. The caller holds the node's mutex.
UploadTarget TakeBackAndHandOver(FileState& state, const ObjectKey& key) {
  const bool waited = state.content->TakeBack();
  if (waited && !state.content->uploading()) state.changes_handed_over.reset();
  return HandOver(state, key);
}

/// Attributes were changed since there were so many `changes`: `target` and `changes` are those of now.
bool HandOverChanges(FileNode& file, uint64_t& changes, UploadTarget& target) {
  MutexLock lock(file.mutex);
  FileState& state = file.state();
  if (!state.dirty() || state.attribute_changes == changes) return false;
  changes = state.attribute_changes;
  target = TakeBackAndHandOver(state, target.key);
  return true;
}

}  // namespace

StoreDelay FileStorer::DelayOf(const CachedFile& content, const ObjectKey& key) const {
  StoreDelay delay = parts_.options.store_delay;
  const std::string_view name = std::string_view(key).substr(key.rfind('/') + 1);
  // An empty file often says that others are complete.
  delay.after_earlier = content.size() == 0 || parts_.options.barrier_names.Match(name);
  return delay;
}

Result<> FileStorer::Promise(const OpContext& context, const FileRef& file) {
  bool after_earlier = false;
  {
    auto held = EnterShared(context, *file);
    if (!held && held.error().code() != ErrorCode::kStale) return Fail(std::move(held).error());
    std::shared_ptr<CachedFile> content;
    UploadTarget target;
    uint64_t changes = 0;
    if (held) {
      MutexLock lock(file->mutex);
      FileState& state = file->state();
      LearnFromContent(state, held->place.key, std::nullopt);
      if (state.dirty() && !state.unlinked && !state.conflicted) {
        RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
        content = state.content;
        target = TakeBackAndHandOver(state, held->place.key);
        changes = state.attribute_changes;
      }
    }
    if (content != nullptr) {
      auto promised = content->Promise(target);
      // Who changed attributes before there was a promise relies on this one.
      while (promised && HandOverChanges(*file, changes, target)) promised = content->Promise(target);
      if (promised) {
        content->StoreSoon(target, DelayOf(*content, target.key));
        Keep({.file = file, .due = {}, .failures = 0});
        return {};
      }
      after_earlier = DelayOf(*content, target.key).after_earlier;
      if (promised.error().code() != ErrorCode::kUnsupported) {
        Log(LogLevel::kWarning, "a close waits for the store, because the journal does not take it",
            {{"key", target.key}, {"error", promised.error().ToString()}});
      }
    }
  }
  if (after_earlier) RETURN_IF_ERROR(parts_.cache.StoreEarlier(context));
  return Store(context, file);
}

Result<> FileStorer::PromiseUnder(const FileRef& file, const ObjectKey& key) {
  std::shared_ptr<CachedFile> content;
  UploadTarget target;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    content = state.content;
    state.changes_handed_over.reset();
    target = HandOver(state, key);
  }
  return content->Promise(target);
}

void FileStorer::StoreSoon(const FileRef& file) {
  const auto key = parts_.nodes.KeyOf(*file);
  std::shared_ptr<CachedFile> content;
  UploadTarget target;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    if (!key || !state.dirty() || state.unlinked || state.conflicted) return;
    content = state.content;
    state.changes_handed_over.reset();
    target = HandOver(state, *key);
  }
  content->StoreSoon(target, DelayOf(*content, target.key));
  Keep({.file = file, .due = {}, .failures = 0});
}

Result<> FileStorer::PromiseAnew(const OpContext& context, const FileRef& file) {
  {
    const auto held = EnterShared(context, *file);
    if (!held && held.error().code() == ErrorCode::kStale) return {};  // It has no name, and no promise.
    if (!held) return Fail(held.error());
    std::shared_ptr<CachedFile> content;
    UploadTarget target;
    {
      MutexLock lock(file->mutex);
      FileState& state = file->state();
      if (state.unlinked || state.conflicted) return {};
      if (state.dirty()) {
        content = state.content;
        // Written since: no close has promised that. What the next one promises has the attributes, too.
        if (!content->stored_soon_as_it_is() && !content->promised_as_it_is()) return {};
        target = TakeBackAndHandOver(state, held->place.key);
      }
    }
    if (content != nullptr) {
      const auto promised = content->Promise(target);
      content->StoreSoon(target, DelayOf(*content, target.key));
      Keep({.file = file, .due = {}, .failures = 0});
      if (promised && content->dirty()) return {};
    }
  }
  // Or its upload has ended meanwhile, without them.
  return Store(context, file);
}

}  // namespace cosfuse
