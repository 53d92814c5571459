#include "fs/attribute_change.h"
#include "fs/bucket_file_system.h"
#include "fs/content_type.h"
#include "fs/directory_state.h"
#include "fs/resolve.h"

namespace cosfuse {
namespace {

/// Another program has been at the marker: what was believed of it is believed no more.
bool IsOvertaken(const Error& error) {
  return error.code() == ErrorCode::kStale || error.code() == ErrorCode::kNotFound ||
         error.code() == ErrorCode::kAlreadyExists;
}

}  // namespace

Result<> BucketFileSystem::EditAttributes(const OpContext& context, const FileRef& file, const AttributeEdit& edit) {
  PosixAttributes wanted;
  bool local = false;
  bool promised = false;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    promised = state.dirty() && (state.content->stored_soon_as_it_is() || state.content->promised_as_it_is());
    if (promised) RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
    ASSIGN_OR_RETURN(wanted, edit(state.attributes, state.metadata));
    if (DifferInChangeTimeAlone(wanted, state.attributes)) {
      state.attributes.change_time = wanted.change_time;
      return {};
    }
    if (state.local_authority() || state.unlinked || state.conflicted) {
      state.attributes = wanted;
      ++state.attribute_changes;
      local = true;
    }
  }
  if (local) return promised ? storer_.PromiseAnew(context, file) : Result<>();
  if (parts_.write_only()) return Fail(ErrorCode::kAccessDenied, "a drop box cannot change what it has stored");
  return storer_.ChangeAttributes(context, file, wanted);
}

Result<> BucketFileSystem::EditAttributes(const OpContext& context, const DirectoryRef& directory, bool stored,
                                          const AttributeEdit& edit) {
  // That of the root has no name: what is changed there stays in memory.
  stored = stored && directory->id() != NodeId::kRoot;
  if (stored && !parts_.write_only()) {
    // The marker carries mode and owner together: what the change does not name must not be guessed.
    RETURN_IF_ERROR(GetAttributes(context, directory->id()));
  }
  PosixAttributes wanted;
  ObjectMetadata metadata;
  ETag marker;
  bool old_marker = false;
  {
    MutexLock lock(directory->mutex);
    DirectoryState& state = directory->state();
    ASSIGN_OR_RETURN(wanted, edit(state.attributes, state.marker_metadata));
    const bool same = wanted.mode == state.attributes.mode && wanted.uid == state.attributes.uid &&
                      wanted.gid == state.attributes.gid && wanted.extended == state.attributes.extended;
    if (wanted.access_time != state.attributes.access_time) state.listed_at.reset();
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
