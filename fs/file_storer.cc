#include "fs/file_storer.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/log.h"
#include "cache/upload_retry.h"
#include "cache/uploader.h"
#include "fs/closed_content.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"
#include "fs/object_copy.h"

namespace cosfuse {
namespace {

/// Nodes that one sweep looks at: the work of a call stays bounded, and all get their turn.
constexpr size_t kSweepWidth = 16;

/// Attributes were set that no upload has carried, and none is on its way.
bool HasLeftAttributes(const FileState& state) {
  return !state.etag.empty() && !state.unlinked && !state.conflicted && !state.dirty() &&
         state.attribute_changes != state.stored_attribute_changes;
}

/// An upload has moved the content to a sibling. One that met another version without having all bytes moves nothing.
bool HasMovedAside(const std::optional<BaseVersion>& before, const CachedFile& content, const ObjectKey& key) {
  const auto now = content.base();
  return now && now->key != key && !(before && before->key == now->key);
}

std::unexpected<Error> FailConflicted() {
  return Fail(ErrorCode::kStale, "another writer has replaced the file; these bytes are kept beside it");
}

}  // namespace

Result<FileStorer::HeldPlace> FileStorer::Enter(const OpContext& context, const Node& node, bool alone) {
  for (;;) {
    auto place = parts_.nodes.Locate(node);
    if (!place) return Fail(ErrorCode::kStale, "the file has no name any more");
    auto hold = alone ? parts_.gate.EnterAlone(context, {place->key}) : parts_.gate.EnterShared(context, place->key);
    if (!hold) return Fail(std::move(hold).error());
    // A rename may have been waited for.
    if (parts_.nodes.KeyOf(node) == place->key) return HeldPlace{*std::move(hold), *std::move(place)};
  }
}

Result<> FileStorer::Store(const OpContext& context, const FileRef& file) {
  std::shared_ptr<CachedFile> sibling;
  UploadTarget sibling_target;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    if (state.unlinked) return {};
    if (state.conflicted && !state.dirty()) return FailConflicted();
    if (state.conflicted) {
      sibling = state.content;
      sibling_target = HandOver(state, {});
    }
  }
  // The content knows its sibling's key, stores what was written since, and says kStale again.
  if (sibling != nullptr) return sibling->Upload(context, sibling_target);
  {
    auto held = EnterShared(context, *file);
    if (!held && held.error().code() == ErrorCode::kStale) return StoreNameless(context, file);
    if (!held) return Fail(std::move(held).error());
    RETURN_IF_ERROR(StoreHeld(context, file, held->place));
  }
  return StoreLeftAttributes(context, file);
}

Result<> FileStorer::StoreNameless(const OpContext& context, const FileRef& file) {
  const auto key = parts_.nodes.LastKeyOf(*file);
  if (!key) return Fail(ErrorCode::kStale, "the file has no name any more");
  ASSIGN_OR_RETURN(const auto hold, parts_.gate.EnterShared(context, *key));
  std::shared_ptr<CachedFile> content;
  UploadTarget target;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    if (state.unlinked || !state.dirty()) return {};
    RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
    content = state.content;
    target = HandOver(state, *key);
    target.mode = WriteMode::kOverBase;
  }
  const auto before = content->base();
  const auto uploaded = content->Upload(context, target);
  MutexLock lock(file->mutex);
  LearnFromContent(file->state(), *key, parts_.clock.Now());
  if (!uploaded && HasMovedAside(before, *content, *key)) file->state().conflicted = true;
  return uploaded;
}

Result<> FileStorer::StoreHeld(const OpContext& context, const FileRef& file, const Place& place) {
  std::shared_ptr<CachedFile> content;
  UploadTarget target;
  ContentNews news = ContentNews::kNone;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    // Asked once: an upload that nobody waited for may end at any moment, and what it did not carry is left then.
    const bool dirty = state.dirty();
    if (!dirty) news = LearnFromContent(state, place.key, std::nullopt);
    if (dirty) {
      RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
      content = state.content;
      target = HandOver(state, place.key);
    }
  }
  if (content == nullptr) {
    if (news == ContentNews::kStored) Publish(file, place);
    if (news != ContentNews::kConflicted) return {};
    LoseName(file, place);
    return FailConflicted();
  }
  const auto before = content->base();
  auto uploaded = content->Upload(context, target);
  if (!uploaded && uploaded.error().code() == ErrorCode::kNoSpace) {
    // What the copies of its old bytes lack may have found no room.
    ASSIGN_OR_RETURN(const bool stored, StoreCopiesOf(context, place.key, file));
    if (stored) uploaded = content->Upload(context, target);
  }
  {
    MutexLock lock(file->mutex);
    news = LearnFromContent(file->state(), place.key, parts_.clock.Now());
    if (!uploaded && HasMovedAside(before, *content, place.key)) {
      file->state().conflicted = true;
      news = ContentNews::kConflicted;
    }
  }
  if (news == ContentNews::kStored) Publish(file, place);
  if (news == ContentNews::kConflicted) LoseName(file, place);
  return uploaded;
}

Result<> FileStorer::KeepCopied(const OpContext& context, const ObjectKey& key) {
  auto kept = parts_.cache.KeepCopied(context, key);
  if (kept || kept.error().code() != ErrorCode::kNoSpace) return kept;
  ASSIGN_OR_RETURN(const bool stored, StoreCopiesOf(context, key, nullptr));
  return stored ? parts_.cache.KeepCopied(context, key) : kept;
}

Result<bool> FileStorer::StoreCopiesOf(const OpContext& context, const ObjectKey& key, const FileRef& but) {
  bool any = false;
  // A copy is not copied from before it is stored: whoever is at one of these keys never waits for this one.
  for (const FileRef& copy : parts_.handles.CopiesOf(key)) {
    if (copy == but) continue;
    any = true;
    const auto stored = Store(context, copy);
    if (!stored && stored.error().code() != ErrorCode::kStale) return Fail(stored.error());
  }
  return any;
}

Result<> FileStorer::StoreLeftAttributes(const OpContext& context, const FileRef& file) {
  {
    MutexLock lock(file->mutex);
    if (!HasLeftAttributes(file->state())) return {};
  }
  return ChangeAttributes(context, file, std::nullopt);
}

Result<> FileStorer::ChangeAttributes(const OpContext& context, const FileRef& file,
                                      const std::optional<PosixAttributes>& attributes) {
  ASSIGN_OR_RETURN(const HeldPlace held, EnterAlone(context, *file));
  RETURN_IF_ERROR(AdoptLostCopy(context, file, held.place.key));
  CopySource source = {.key = held.place.key, .if_match = {}};
  ObjectMetadata metadata;
  ByteCount size = 0;
  uint64_t changes = 0;
  PosixAttributes wanted;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    LearnFromContent(state, held.place.key, std::nullopt);
    // What is to be stored and what counts as stored afterwards are taken at one moment.
    wanted = attributes.value_or(state.attributes);
    if (state.etag.empty() || state.dirty()) {
      state.attributes = wanted;
      if (attributes) ++state.attribute_changes;
      return {};
    }
    source.if_match = state.etag;
    metadata = state.metadata;
    size = state.stored_size;
    changes = state.attribute_changes;
  }
  EncodeAttributes(wanted, metadata);
  const std::string copy_id = NewWriteId();
  metadata.user[std::string(kUploadIdField)] = copy_id;
  const BaseVersion present = {.key = source.key, .etag = source.if_match, .size = size};
  RETURN_IF_ERROR(parts_.cache.ExpectOwnCopy(context, present, copy_id));
  auto copied = CopyObject(context, parts_.store, parts_.pool, parts_.clock, source, size, source.key, metadata);
  if (!copied) copied = JudgeFailedCopy(context, file, source.key, copy_id, copied.error());
  if (!copied) {
    const ErrorCode code = copied.error().code();
    if (code != ErrorCode::kStale && code != ErrorCode::kNotFound) return Fail(copied.error());
    MutexLock lock(file->mutex);
    file->state().evidence.reset();
    return Fail(copied.error().WithCode(ErrorCode::kStale));
  }
  const BaseVersion rewritten = {.key = source.key, .etag = copied->etag, .size = size};
  parts_.cache.RebaseCopied(present, rewritten);
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    // Who has the file open may have changed them again meanwhile: that stands, and is left to be stored.
    if (state.attribute_changes == changes) state.attributes = wanted;
    state.metadata = std::move(metadata);
    state.stored_attribute_changes = changes;
    AdvanceVersion(state, copied->etag, size, parts_.clock.Now());
    if (state.content != nullptr) state.content->Rebase(rewritten);
  }
  Publish(file, held.place);
  return {};
}

Result<WrittenVersion> FileStorer::JudgeFailedCopy(const OpContext& context, const FileRef& file, const ObjectKey& key,
                                                   const std::string& copy_id, const Error& error) {
  if (error.code() != ErrorCode::kStale && !MayBeStoredAfter(error.code())) return Fail(error);
  // Its answer may have been lost, and the request sent again: then it met what it had made itself.
  const auto present = parts_.store.Head(context, key, {});
  if (present) {
    const auto id = present->metadata.user.find(std::string(kUploadIdField));
    if (id == present->metadata.user.end() || id->second != copy_id) return Fail(error);
    return WrittenVersion{present->etag, present->version_id};
  }
  const Error& unknown = present.error();
  MutexLock lock(file->mutex);
  FileState& state = file->state();
  if (state.content != nullptr) state.content->NoteOwnCopy(copy_id);
  if (unknown.code() == ErrorCode::kNotFound) return Fail(error);
  // Nobody is told of a conflict that may be none.
  state.lost_copy = copy_id;
  state.evidence.reset();
  return Fail(unknown.WithContext("finding out whether a copy has succeeded"));
}

Result<> FileStorer::AdoptLostCopy(const OpContext& context, const FileRef& file, const ObjectKey& key) {
  std::string copy_id;
  {
    MutexLock lock(file->mutex);
    copy_id = file->state().lost_copy;
  }
  if (copy_id.empty()) return {};
  const auto present = parts_.store.Head(context, key, {});
  if (!present && present.error().code() != ErrorCode::kNotFound) return Fail(present.error());
  MutexLock lock(file->mutex);
  FileState& state = file->state();
  state.lost_copy.clear();
  if (!present) return {};
  const auto id = present->metadata.user.find(std::string(kUploadIdField));
  if (id == present->metadata.user.end() || id->second != copy_id) return {};
  AdvanceVersion(state, present->etag, present->size, std::nullopt);
  if (state.content == nullptr) return {};
  if (state.dirty()) {
    // An upload may be at work on what it stands on; it will recognise that version.
    state.content->NoteOwnCopy(copy_id);
  } else {
    state.content->Rebase({.key = key, .etag = present->etag, .size = present->size});
  }
  return {};
}

void FileStorer::Publish(const FileRef& file, const Place& place) {
  ListedName listed;
  {
    MutexLock lock(file->mutex);
    listed = ToListedName(file->state(), place.name);
  }
  MutexLock lock(place.parent->mutex);
  RecordStored(place.parent->state(), listed);
}

void FileStorer::LoseName(const FileRef& file, const Place& place) {
  parts_.nodes.Detach(*file);
  MutexLock lock(place.parent->mutex);
  RecordUnknown(place.parent->state());
}

void FileStorer::StartStore(const FileRef& file) {
  const auto place = parts_.nodes.Locate(*file);
  if (!place) {
    bool nameless = false;
    {
      MutexLock lock(file->mutex);
      FileState& state = file->state();
      if (state.conflicted && state.dirty()) state.content->StartUpload(HandOver(state, {}));
      nameless = !state.conflicted && !state.unlinked && state.dirty();
    }
    if (nameless) StoreLater(file);
    return;
  }
  auto hold = parts_.gate.TryEnterShared(place->key);
  // A rename is at work on the key: that takes its time elsewhere.
  if (!hold) return StoreLater(file);
  bool left_attributes = false;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    if (state.conflicted || state.unlinked) return;
    if (state.dirty()) state.content->StartUpload(HandOver(state, place->key));
    left_attributes = HasLeftAttributes(state);
    // What is changed after this close waits for the next one.
    if (!left_attributes && !state.changes_handed_over) return;
  }
  Keep({.file = file, .due = {}, .failures = 0});
  if (left_attributes) StoreLeftAttributesLater(file, 0);
}

void FileStorer::Keep(Unsettled unsettled) {
  MutexLock lock(mutex_);
  const auto present = std::ranges::find(unsettled_, unsettled.file, &Unsettled::file);
  if (present == unsettled_.end()) {
    unsettled_.push_back(std::move(unsettled));
  } else {
    *present = std::move(unsettled);
  }
}

void FileStorer::LetGo(const FileRef& file) {
  MutexLock lock(mutex_);
  std::erase_if(unsettled_,
                [&](const Unsettled& each) { return each.file == file && each.due == MonotonicTime::max(); });
}

Result<> FileStorer::StoreEarly(const OpContext& context, const FileRef& file) {
  const auto held = EnterShared(context, *file);
  if (!held && held.error().code() == ErrorCode::kStale) return {};  // No name, no need.
  if (!held) return Fail(held.error());
  MutexLock lock(file->mutex);
  FileState& state = file->state();
  if (state.unlinked || state.conflicted || state.content == nullptr) return {};
  state.content->StoreEarly(HandOverEarly(state, held->place.key));
  return {};
}

void FileStorer::StoreLater(const FileRef& file, int failures) {
  Keep({.file = file, .due = MonotonicTime::max(), .failures = failures});
  parts_.pool.Post([this, file, failures] {
    const auto stored = Store(OpContext(), file);
    if (stored) return Keep({.file = file, .due = {}, .failures = 0});
    Log(LogLevel::kWarning, "a closed file is not stored", {{"error", stored.error().ToString()}});
    // Nobody comes back for it: it is tried again by itself. What has lost its name is the cache's alone.
    const auto held = EnterShared(OpContext(), *file);
    if (!held && held.error().code() == ErrorCode::kStale) return LetGo(file);
    if (held) {
      MutexLock lock(file->mutex);
      FileState& state = file->state();
      if (state.dirty() && !state.unlinked && !state.conflicted) {
        state.content->StartUpload(HandOver(state, held->place.key));
      }
    }
    KeepAfterFailure(file, stored.error(), failures);
  });
}

void FileStorer::StoreLeftAttributesLater(const FileRef& file, int failures) {
  Keep({.file = file, .due = MonotonicTime::max(), .failures = failures});
  parts_.pool.Post([this, file, failures] {
    const auto stored = StoreLeftAttributes(OpContext(), file);
    if (stored) return Keep({.file = file, .due = {}, .failures = 0});
    Log(LogLevel::kWarning, "attributes of a closed file are not stored", {{"error", stored.error().ToString()}});
    if (!parts_.nodes.KeyOf(*file)) return LetGo(file);
    KeepAfterFailure(file, stored.error(), failures);
  });
}

void FileStorer::KeepAfterFailure(const FileRef& file, const Error& error, int failures) {
  bool left_attributes = false;
  {
    MutexLock lock(file->mutex);
    left_attributes = HasLeftAttributes(file->state());
  }
  if (!left_attributes) return Keep({.file = file, .due = {}, .failures = 0});
  const auto delay = DecideUploadRetry(error.code(), failures + 1, 0);
  if (!delay) return LetGo(file);
  Keep({.file = file, .due = parts_.clock.Now() + *delay, .failures = failures + 1});
}

void FileStorer::Sweep() {
  const MonotonicTime now = parts_.clock.Now();
  for (size_t i = 0; i < kSweepWidth; ++i) {
    Unsettled unsettled;
    {
      MutexLock lock(mutex_);
      if (unsettled_.empty()) return;
      unsettled = unsettled_.front();
      // Stays in the list meanwhile, where a thread that is at it says what became of it.
      unsettled_.pop_front();
      unsettled_.push_back(unsettled);
    }
    bool waits = unsettled.due > now;
    {
      MutexLock lock(unsettled.file->mutex);
      const FileState& state = unsettled.file->state();
      waits = (waits || state.dirty()) && !state.unlinked;
    }
    if (!waits && Take(unsettled)) Settle(unsettled);
  }
}

bool FileStorer::Take(const Unsettled& unsettled) {
  MutexLock lock(mutex_);
  return std::erase(unsettled_, unsettled) > 0;
}

Result<> FileStorer::StoreLeftAttributes(const OpContext& context) {
  std::deque<Unsettled> left;
  {
    MutexLock lock(mutex_);
    left = unsettled_;
  }
  Result<> first;
  for (const Unsettled& each : left) {
    {
      MutexLock lock(each.file->mutex);
      if (each.file->state().dirty()) continue;
    }
    auto stored = Store(context, each.file);
    if (stored || !first) continue;
    MutexLock lock(each.file->mutex);
    // What is kept beside another writer's object has its attributes there.
    if (!each.file->state().conflicted) first = std::move(stored);
  }
  return first;
}

Result<> FileStorer::StoreBelow(const OpContext& context, const ObjectKey& key) {
  std::vector<FileRef> below;
  {
    MutexLock lock(mutex_);
    for (const Unsettled& each : unsettled_) below.push_back(each.file);
  }
  std::erase_if(below, [&](const FileRef& file) {
    const auto present = parts_.nodes.KeyOf(*file);
    return !present || !present->starts_with(key);
  });
  const auto comes_last = std::ranges::partition(below, [&](const FileRef& file) {
    const ObjectKey present = parts_.nodes.KeyOf(*file).value_or("");
    MutexLock lock(file->mutex);
    const auto& content = file->state().content;
    return content == nullptr || !DelayOf(*content, present).after_earlier;
  });
  auto stored = StoreAll(context, {below.begin(), comes_last.begin()});
  if (comes_last.empty()) return stored;
  if (stored) stored = parts_.cache.StoreEarlier(context);
  if (stored) stored = StoreAll(context, {comes_last.begin(), comes_last.end()});
  return stored;
}

Result<> FileStorer::StoreAll(const OpContext& context, std::span<const FileRef> files) {
  // All of them begin before the first one is waited for.
  for (const FileRef& file : files) StartStore(file);
  Result<> first;
  for (const FileRef& file : files) {
    auto stored = Store(context, file);
    if (!stored && first) first = std::move(stored);
  }
  return first;
}

void FileStorer::Settle(const Unsettled& unsettled) {
  const FileRef& file = unsettled.file;
  const auto place = parts_.nodes.Locate(*file);
  if (!place) return;
  ContentNews news = ContentNews::kNone;
  bool left_attributes = false;
  bool dirty = false;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    news = LearnFromContent(state, place->key, std::nullopt);
    left_attributes = HasLeftAttributes(state);
    dirty = state.dirty() && !state.unlinked;
  }
  if (dirty) Keep({.file = file, .due = {}, .failures = 0});  // Written and closed again meanwhile.
  if (news == ContentNews::kStored) Publish(file, *place);
  if (news == ContentNews::kConflicted) LoseName(file, *place);
  KeepClosedContent(parts_, file);
  if (left_attributes) StoreLeftAttributesLater(file, unsettled.failures);
}

size_t FileStorer::unsettled() const {
  MutexLock lock(mutex_);
  return unsettled_.size();
}

std::string FileStorer::NewWriteId() { return parts_.writer_id + "-" + std::to_string(++parts_.writes); }

Result<ETag> FileStorer::PutNew(const OpContext& context, const ObjectKey& key, std::string_view body,
                                ObjectMetadata metadata) {
  RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
  const std::string field(kUploadIdField);
  const std::string upload_id = NewWriteId();
  metadata.user[field] = upload_id;
  SpanBodySource source(AsBytes(body));
  auto written = parts_.store.Put(context, key, source, metadata, {.create_only = true});
  if (written) return std::move(written->etag);
  // An answer may have been lost and the request sent again: then it met what it had made itself.
  if (written.error().code() == ErrorCode::kAlreadyExists && !parts_.write_only()) {
    const auto present = parts_.store.Head(context, key, {});
    if (!present && present.error().code() != ErrorCode::kNotFound) return Fail(present.error());
    if (present) {
      const auto id = present->metadata.user.find(field);
      if (id != present->metadata.user.end() && id->second == upload_id) return present->etag;
    }
  }
  return Fail(std::move(written).error());
}

}  // namespace cosfuse
