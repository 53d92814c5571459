#include <utility>
#include <vector>

#include "fs/answer_bracket.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"
#include "fs/name_resolver.h"

namespace cosfuse {
namespace {

std::unexpected<Error> FailStale(std::string_view key) {
  return Fail(ErrorCode::kStale, std::string(key) + ": the name has another version by now");
}

}  // namespace

Result<NodeRef> NameResolver::Adopt(const OpContext& context, const DirectoryRef& directory, std::string_view name,
                                    const ObjectKey& key, Answer answer) {
  switch (answer.resolution.kind) {
    case NameKind::kAbsent: return AdoptAbsence(directory, name, answer.at);
    case NameKind::kFile: return AdoptFile(directory, name, key, *answer.resolution.object, answer.at, nullptr);
    case NameKind::kDirectory: return AdoptDirectory(context, directory, name, answer.resolution, answer.at);
  }
  return Fail(ErrorCode::kInternal, "not a kind of name");
}

Result<NodeRef> NameResolver::AdoptFile(const DirectoryRef& directory, std::string_view name, const ObjectKey& key,
                                        const ObjectInfo& info, MonotonicTime at,
                                        const std::shared_ptr<CachedFile>& content) {
  for (;;) {
    NodeRef present = parts_.nodes.FindChild(*directory, name);
    FileNode* const file = present == nullptr ? nullptr : present->AsFile();
    if (file != nullptr) {
      MutexLock lock(file->mutex);
      FileState& state = file->state();
      if (LearnFromContent(state, key, std::nullopt) != ContentNews::kNone) return NodeRef();
      const VersionMove move = DecideVersionMove({.local_authority = state.local_authority(),
                                                  .same_version = state.etag == info.etag,
                                                  .newer_evidence = state.evidence && *state.evidence > at,
                                                  .used = state.used});
      if (move == VersionMove::kConfirm) ConfirmVersion(state, info, at, parts_.defaults);
      if (move == VersionMove::kMoveInPlace) {
        MoveToVersion(state, info, at, parts_.defaults);
        state.content = content;
        state.content_whole = content != nullptr;
      }
      if (move != VersionMove::kReplace) {
        state.looked_up = parts_.clock.Now();
        return present;
      }
      if (state.handles == 0) state.content.reset();
    } else if (present != nullptr && parts_.nodes.HoldsUnsent(*present)) {
      return present;
    }
    FileState state = FileStateFromInfo(info, at, parts_.defaults);
    state.content = content;
    state.content_whole = content != nullptr;
    state.looked_up = parts_.clock.Now();
    if (FileRef added = parts_.nodes.AddFile(*directory, name, present.get(), file != nullptr, std::move(state))) {
      return NodeRef(std::move(added));
    }
    if (!parts_.nodes.KeyOf(*directory)) return Fail(ErrorCode::kNotFound, "the directory is gone");
  }
}

Result<NodeRef> NameResolver::AdoptDirectory(const OpContext& context, const DirectoryRef& parent,
                                             std::string_view name, const Resolution& resolution, MonotonicTime at) {
  const DirectoryRef directory = AdoptListedDirectory(parent, name, at);
  if (directory == nullptr) {
    // A file with bytes of ours has the name here; else a race, and the store is asked again.
    NodeRef present = parts_.nodes.FindChild(*parent, name);
    if (present != nullptr && present->AsFile() != nullptr) return present;
    if (!parts_.nodes.KeyOf(*parent)) return Fail(ErrorCode::kNotFound, "the directory is gone");
    return NodeRef();
  }
  bool ask_marker = false;
  {
    MutexLock lock(directory->mutex);
    DirectoryState& state = directory->state();
    state.old_marker = resolution.object.has_value();
    if (state.old_marker && !resolution.marker) {
      LearnMarkerInfo(state, resolution.object, at);
    } else {
      LearnMarker(state, resolution.marker, at);
      ask_marker = state.marker == MarkerState::kPresent && !state.attributes_evidence;
    }
  }
  if (ask_marker) {
    if (const auto key = parts_.nodes.KeyOf(*directory)) RETURN_IF_ERROR(FetchMarker(context, directory, *key));
  }
  return NodeRef(directory);
}

DirectoryRef NameResolver::AdoptOldMarker(const DirectoryRef& parent, std::string_view name, const ObjectInfo& info,
                                          MonotonicTime at) {
  DirectoryRef directory = AdoptListedDirectory(parent, name, at);
  if (directory == nullptr) return nullptr;
  MutexLock lock(directory->mutex);
  DirectoryState& state = directory->state();
  state.old_marker = true;
  // A marker of today's kind counts before it: whether there is one, a look into the directory shows.
  if (state.marker != MarkerState::kPresent) LearnMarkerInfo(state, info, at);
  return directory;
}

Result<NodeRef> NameResolver::AdoptAbsence(const DirectoryRef& directory, std::string_view name, MonotonicTime at) {
  NodeRef present = parts_.nodes.FindChild(*directory, name);
  if (present != nullptr) {
    if (FileNode* const file = present->AsFile()) {
      MutexLock lock(file->mutex);
      const FileState& state = file->state();
      if (state.evidence && *state.evidence > at) return present;
    }
    if (!parts_.nodes.DetachUnlessUnsent(*present)) return present;
  }
  MutexLock lock(directory->mutex);
  RecordAbsence(directory->state(), name, at);
  return Fail(ErrorCode::kNotFound, std::string(name) + ": no such name");
}

Result<> NameResolver::TakeVersion(const FileRef& file, const ObjectKey& key, const ObjectInfo& info, MonotonicTime at,
                                   RefreshFor purpose, std::shared_ptr<CachedFile> content) {
  MutexLock lock(file->mutex);
  FileState& state = file->state();
  if (LearnFromContent(state, key, std::nullopt) != ContentNews::kNone) return FailStale(key);
  // The kernel answers from attributes that it was lent: an open that does not renew them must not put another version,
  // with another size, under them.
  const bool held = state.used || (purpose == RefreshFor::kOpen && state.attributes_lent);
  const VersionMove move = DecideVersionMove({.local_authority = state.local_authority(),
                                              .same_version = state.etag == info.etag,
                                              .newer_evidence = state.evidence && *state.evidence > at,
                                              .used = held});
  switch (move) {
    case VersionMove::kKeep: return {};
    case VersionMove::kReplace:
      state.successor = std::make_shared<const Successor>(info, std::move(content), at);
      return FailStale(key);
    case VersionMove::kConfirm: ConfirmVersion(state, info, at, parts_.defaults); break;
    case VersionMove::kMoveInPlace: MoveToVersion(state, info, at, parts_.defaults); break;
  }
  if (content != nullptr && state.handles == 0) {
    state.content = std::move(content);
    state.content_whole = true;
  }
  return {};
}

Result<> NameResolver::RefreshFile(const OpContext& context, const FileRef& file, RefreshFor purpose) {
  for (;;) {
    const auto place = parts_.nodes.Locate(*file);
    if (!place) return Fail(ErrorCode::kStale, "the file has no name any more");
    RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
    const AnswerBracket bracket(*place->parent);
    const MonotonicTime at = parts_.clock.Now();
    ASSIGN_OR_RETURN(const auto info, InterpretHead(parts_.store.Head(context, place->key, {})));
    if (bracket.Changed(place->name)) continue;
    if (info) return TakeVersion(file, place->key, *info, at, purpose, nullptr);
    // The name may mean a directory by now: the lookup that follows finds out.
    MutexLock lock(file->mutex);
    if (file->state().local_authority()) return {};
    file->state().evidence.reset();
    return FailStale(place->key);
  }
}

Result<> NameResolver::FetchWhole(const OpContext& context, const FileRef& file, bool only_if_changed) {
  const auto place = parts_.nodes.Locate(*file);
  if (!place) return Fail(ErrorCode::kStale, "the file has no name any more");
  RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
  Conditions conditions;
  if (only_if_changed) {
    MutexLock lock(file->mutex);
    conditions.if_none_match = file->state().etag;
  }
  const MonotonicTime at = parts_.clock.Now();
  std::string body;
  std::optional<ObjectInfo> too_large;
  const auto answer =
      parts_.store.Get(context, place->key, {}, conditions,
                       [&](const ObjectInfo& info, ByteCount, std::span<const std::byte> data) -> Result<> {
                         if (info.size > kWholeReadLimit) {
                           too_large = info;
                           return Fail(ErrorCode::kTooLarge, "larger than it was");
                         }
                         body.append(reinterpret_cast<const char*>(data.data()), data.size());
                         return {};
                       });
  if (too_large) return TakeVersion(file, place->key, *too_large, at, RefreshFor::kOpen, nullptr);
  if (answer) {
    const BaseVersion version = {.key = place->key, .etag = answer->etag, .size = answer->size};
    return TakeVersion(file, place->key, *answer, at, RefreshFor::kOpen,
                       parts_.cache.OpenWithContent(version, std::move(body)));
  }
  switch (answer.error().code()) {
    case ErrorCode::kNotModified: {
      MutexLock lock(file->mutex);
      if (file->state().etag == conditions.if_none_match) file->state().evidence = at;
      return {};
    }
    case ErrorCode::kNotFound: {
      MutexLock lock(file->mutex);
      file->state().evidence.reset();
      return FailStale(place->key);
    }
    default: return Fail(answer.error());
  }
}

Result<> NameResolver::FetchMarker(const OpContext& context, const DirectoryRef& directory, const ObjectKey& key) {
  const MonotonicTime at = parts_.clock.Now();
  ASSIGN_OR_RETURN(const auto info, InterpretHead(parts_.store.Head(context, key, {})));
  MutexLock lock(directory->mutex);
  LearnMarkerInfo(directory->state(), info, at);
  return {};
}

Result<> NameResolver::RefreshDirectory(const OpContext& context, const DirectoryRef& directory) {
  const auto place = parts_.nodes.Locate(*directory);
  if (!place) return Fail(ErrorCode::kStale, "the directory has no name any more");
  RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
  std::vector<ObjectKey> markers;
  {
    MutexLock lock(directory->mutex);
    const DirectoryState& state = directory->state();
    if (state.marker != MarkerState::kAbsent) markers.push_back(place->key);
    if (state.old_marker) markers.push_back(place->key.substr(0, place->key.size() - 1));
  }
  const MonotonicTime at = parts_.clock.Now();
  for (const ObjectKey& key : markers) {
    ASSIGN_OR_RETURN(const auto info, InterpretHead(parts_.store.Head(context, key, {})));
    if (!info || (key != place->key && !IsOldDirectoryMarker(*info))) continue;
    MutexLock lock(directory->mutex);
    LearnMarkerInfo(directory->state(), info, at);
    return {};
  }
  ListRequest request;
  request.prefix = place->key;
  request.max_keys = 2;
  ASSIGN_OR_RETURN(const auto finding, InterpretList(place->key, parts_.store.List(context, request)));
  if (!finding) {
    if (parts_.nodes.HoldsUnsent(*directory)) return {};
    return FailStale(place->key);
  }
  bool ask_marker = false;
  {
    MutexLock lock(directory->mutex);
    directory->state().old_marker = false;
    LearnMarker(directory->state(), finding->marker, at);
    ask_marker = directory->state().marker == MarkerState::kPresent && !directory->state().attributes_evidence;
  }
  if (ask_marker) return FetchMarker(context, directory, place->key);
  return {};
}

}  // namespace cosfuse
