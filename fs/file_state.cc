#include "fs/file_state.h"

#include <algorithm>
#include <utility>

namespace cosfuse {
namespace {

void TakeOver(FileState& state, const ObjectInfo& info, MonotonicTime at, const AttributeDefaults& defaults) {
  state.etag = info.etag;
  state.stored_size = info.size;
  state.last_modified = info.last_modified;
  state.settled = IsSettled(info);
  state.metadata = info.metadata;
  state.attributes = DecodeAttributes(info, false, defaults);
  state.evidence = at;
  state.successor.reset();
}

UploadTarget TargetOf(const FileState& state, ObjectKey key) {
  UploadTarget target;
  target.key = std::move(key);
  target.metadata = state.metadata;
  EncodeAttributes(state.attributes, target.metadata);
  target.mode = state.replaces_unseen ? WriteMode::kReplaceAny : WriteMode::kOverBase;
  target.replaced = state.replaced;
  return target;
}

/// Which changes of attributes a stored version has. One whose upload began before it was asked for carries those of
/// that moment: nothing but writes since then, it is its times that hold.
void TakeCarriedAttributes(FileState& state, uint64_t handed_over, const std::optional<ObjectMetadata>& early) {
  const uint64_t carried = early ? state.early_attribute_changes : handed_over;
  state.stored_attribute_changes = std::max(state.stored_attribute_changes, carried);
  if (!early || carried != state.attribute_changes) return;
  ObjectInfo info;
  info.metadata = *early;
  const PosixAttributes stored = DecodeAttributes(info, false, {});
  state.attributes.modification_time = stored.modification_time;
  state.attributes.change_time = stored.change_time;
}

}  // namespace

FileState FileStateFromInfo(const ObjectInfo& info, MonotonicTime at, const AttributeDefaults& defaults) {
  FileState state;
  TakeOver(state, info, at, defaults);
  return state;
}

void ConfirmVersion(FileState& state, const ObjectInfo& info, MonotonicTime at, const AttributeDefaults& defaults) {
  const PosixAttributes present = state.attributes;
  TakeOver(state, info, at, defaults);
  // What reads and moves did to these was worth no request.
  state.attributes.access_time = std::max(state.attributes.access_time, present.access_time);
  state.attributes.change_time = std::max(state.attributes.change_time, present.change_time);
  // What programs have set and no request has carried yet is on its way to the store: it is not taken back.
  if (state.attribute_changes != state.stored_attribute_changes) state.attributes = present;
}

void MoveToVersion(FileState& state, const ObjectInfo& info, MonotonicTime at, const AttributeDefaults& defaults) {
  TakeOver(state, info, at, defaults);
  state.link_target.reset();
  state.content.reset();
  state.content_whole = false;
}

void AdvanceVersion(FileState& state, const ETag& etag, ByteCount size, const Evidence& at) {
  state.etag = etag;
  state.stored_size = size;
  state.last_modified.reset();
  state.settled = false;
  state.evidence = at;
  state.successor.reset();
  state.replaces_unseen = false;
  state.replaced.reset();
}

ContentNews LearnFromContent(FileState& state, const ObjectKey& key, const Evidence& at) {
  if (state.content == nullptr) return ContentNews::kNone;
  // Asked before the base: what is clean stands on that base, or on a later one.
  const bool clean = !state.content->dirty();
  const auto base = state.content->base();
  const bool moved = base && base->key == key && base->etag != state.etag;
  if (!clean) {
    // Who writes on keeps the file dirty, but an upload before that has made a version, which is this file's.
    if (moved) AdvanceVersion(state, base->etag, base->size, at);
    return ContentNews::kNone;
  }
  if (!state.changes_handed_over && !moved) return ContentNews::kNone;
  const uint64_t carried = std::exchange(state.changes_handed_over, std::nullopt).value_or(0);
  if (!base) return ContentNews::kNone;
  if (base->key != key) {
    state.conflicted = true;
    return ContentNews::kConflicted;
  }
  const auto early = state.content->early_metadata();
  TakeCarriedAttributes(state, carried, early);
  AdvanceVersion(state, base->etag, base->size, at);
  // What was written here is at hand, or will be asked for under its version.
  state.content_whole = base->size <= kWholeReadLimit;
  return ContentNews::kStored;
}

UploadTarget HandOverEarly(FileState& state, ObjectKey key) {
  state.early_attribute_changes = state.attribute_changes;
  return TargetOf(state, std::move(key));
}

UploadTarget HandOver(FileState& state, ObjectKey key) {
  UploadTarget target = TargetOf(state, std::move(key));
  // Whoever is slower to ask for it than the next one must not take that back.
  target.order = ++state.hand_overs;
  state.changes_handed_over =
      std::min(state.changes_handed_over.value_or(state.attribute_changes), state.attribute_changes);
  return target;
}

bool IsProvenBy(const FileState& state, const ListedName& listed) {
  return !listed.is_directory && !listed.etag.empty() && state.settled && state.etag == listed.etag &&
         state.last_modified == listed.last_modified;
}

bool IsSettled(const ObjectInfo& info) { return info.answered_at >= info.last_modified + std::chrono::seconds(2); }

FileAttributes ToFileAttributes(const FileState& state, uint64_t inode) {
  FileAttributes attributes;
  attributes.inode = inode;
  attributes.mode = state.attributes.mode;
  attributes.link_count = state.unlinked ? 0 : 1;
  attributes.uid = state.attributes.uid;
  attributes.gid = state.attributes.gid;
  attributes.device = state.attributes.device;
  attributes.size = state.size();
  attributes.access_time = state.attributes.access_time;
  attributes.modification_time = state.attributes.modification_time;
  attributes.change_time = state.attributes.change_time;
  return attributes;
}

ListedName ToListedName(const FileState& state, std::string name) {
  return {.name = std::move(name),
          .is_directory = false,
          .size = state.size(),
          .etag = state.etag,
          .last_modified = state.last_modified.value_or(WallTime())};
}

}  // namespace cosfuse
