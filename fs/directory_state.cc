#include "fs/directory_state.h"

#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "fs/file_state.h"

namespace cosfuse {
namespace {

/// Times of a directory move with what happens in it and are kept in memory alone.
void SetAttributes(DirectoryState& state, const PosixAttributes& stored) {
  const PosixAttributes present = std::exchange(state.attributes, stored);
  if (!state.times_are_ours) return;
  state.attributes.access_time = present.access_time;
  state.attributes.modification_time = present.modification_time;
  state.attributes.change_time = present.change_time;
}

void SetImplied(DirectoryState& state, MonotonicTime at) {
  state.marker = MarkerState::kAbsent;
  state.marker_etag = {};
  state.marker_modified.reset();
  state.marker_metadata = {};
  state.attributes.mode = S_IFDIR | state.defaults.directory_mode;
  state.attributes.uid = state.defaults.uid;
  state.attributes.gid = state.defaults.gid;
  state.attributes.extended.clear();
  state.attributes_evidence = at;
}

bool IsOutdated(const DirectoryState& state, MonotonicTime at) { return state.evidence && *state.evidence > at; }

void PutListed(DirectoryState& state, ListedName listed) {
  if (!state.listing) return;
  state.listing->Put(std::move(listed));
  if (CountListed(state) > DirectoryListing::kMostNames) DropListing(state);
}

void PutWhole(DirectoryState& state, std::vector<ListedName> names, MonotonicTime at) {
  if (state.listing && state.listing_evidence && *state.listing_evidence > at) return;
  state.listing.emplace();
  state.listing_evidence = at;
  for (ListedName& name : names) state.listing->Put(std::move(name));
}

void PutPart(DirectoryState& state, const Stretch& stretch, std::vector<ListedName> names, MonotonicTime at) {
  if (!state.listing) {
    state.listing.emplace();
    state.listing_evidence.reset();
  }
  state.listing->PutStretch(stretch, at, std::move(names));
  if (CountListed(state) > DirectoryListing::kMostNames) DropListing(state);
}

}  // namespace

DirectoryState NewDirectoryState(const AttributeDefaults& defaults, WallTime now, const Evidence& evidence) {
  DirectoryState state;
  state.defaults = defaults;
  state.attributes = {.mode = S_IFDIR | defaults.directory_mode,
                      .uid = defaults.uid,
                      .gid = defaults.gid,
                      .device = 0,
                      .access_time = now,
                      .modification_time = now,
                      .change_time = now};
  state.evidence = evidence;
  return state;
}

void LearnMarker(DirectoryState& state, const std::optional<ListedObject>& marker, MonotonicTime at) {
  if (IsOutdated(state, at)) return;
  state.evidence = at;
  if (!marker) {
    if (!state.old_marker) SetImplied(state, at);
    return;
  }
  const bool same = state.marker == MarkerState::kPresent && state.marker_settled &&
                    state.marker_etag == marker->etag && state.marker_modified == marker->last_modified;
  state.marker = MarkerState::kPresent;
  if (same) {
    state.attributes_evidence = at;
  } else if (!(state.attributes_evidence && *state.attributes_evidence >= at)) {
    state.attributes_evidence.reset();
  }
}

void LearnMarkerInfo(DirectoryState& state, const std::optional<ObjectInfo>& info, MonotonicTime at) {
  if (IsOutdated(state, at)) return;
  if (!info) {
    SetImplied(state, at);
    return;
  }
  state.marker = MarkerState::kPresent;
  state.marker_etag = info->etag;
  state.marker_modified = info->last_modified;
  state.marker_settled = IsSettled(*info);
  state.marker_metadata = info->metadata;
  SetAttributes(state, DecodeAttributes(*info, true, state.defaults));
  state.evidence = at;
  state.attributes_evidence = at;
}

void LearnOwnMarker(DirectoryState& state, const ObjectMetadata& metadata, const ETag& etag, MonotonicTime at) {
  state.marker = MarkerState::kPresent;
  state.marker_etag = etag;
  state.marker_modified.reset();
  state.marker_settled = false;
  state.marker_metadata = metadata;
  state.evidence = at;
  state.attributes_evidence = at;
}

void RecordName(DirectoryState& state, std::string_view name, std::optional<ListedName> now_listed, WallTime now) {
  if (now_listed) {
    PutListed(state, *now_listed);
  } else if (state.listing) {
    state.listing->Remove(name);
  }
  state.absences.Remove(name);
  state.changes.Record(name, std::move(now_listed));
  state.times_are_ours = true;
  state.attributes.modification_time = now;
  state.attributes.change_time = now;
}

void RecordStored(DirectoryState& state, const ListedName& listed) {
  PutListed(state, listed);
  state.absences.Remove(listed.name);
  state.changes.Record(listed.name, listed);
}

void RecordUnknown(DirectoryState& state) {
  DropListing(state);
  state.absences.Clear();
  state.changes.RecordUnknown();
}

void RecordAbsence(DirectoryState& state, std::string_view name, MonotonicTime at) {
  // A listing that was asked for later knows better.
  if (IsSince(ListedAt(state, name), at)) return;
  if (state.listing) state.listing->Remove(name);
  state.absences.Put(name, at);
  NoteAbsence(state, name, at);
}

void NoteAbsence(DirectoryState& state, std::string_view name, MonotonicTime at) {
  state.looks.last_absent = name;
  state.looks.last_absent_at = at;
}

void RecordPage(DirectoryState& state, PageShown page, std::vector<ListedName> unsent, MonotonicTime at,
                ChangeLog::Moment since) {
  if (!page.sorted) state.listing_sorted = false;
  if (!page.stretch || !state.changes.KnowsAllSince(since)) return;
  const bool whole = *page.stretch == Stretch();
  // What is stored while the page is on its way may be neither in it nor unsent any more.
  std::set<std::string_view> shown;
  for (const ListedName& name : page.names) shown.insert(name.name);
  // What was stored before and is not shown, the store does not have any more.
  std::erase_if(unsent, [&](const ListedName& name) { return shown.contains(name.name) || !name.etag.empty(); });
  std::ranges::move(unsent, std::back_inserter(page.names));
  if (whole) {
    PutWhole(state, std::move(page.names), at);
    state.listing_sorted = page.sorted;
    state.looks.least_prefix = 0;
  } else {
    PutPart(state, *page.stretch, std::move(page.names), at);
  }
  if (state.listing) state.changes.ApplyTo(since, *state.listing);
}

void DropListing(DirectoryState& state) {
  state.listing.reset();
  state.listing_evidence.reset();
}

void RecordEmpty(DirectoryState& state, MonotonicTime at) { PutWhole(state, {}, at); }

Evidence ListedAt(const DirectoryState& state, std::string_view name) {
  if (!state.listing) return std::nullopt;
  return std::max(state.listing_evidence, state.listing->ShownAt(name));
}

Evidence AbsentAt(const DirectoryState& state, std::string_view name) {
  const bool listed = state.listing && state.listing->Find(name) != nullptr;
  return listed ? Evidence() : std::max(ListedAt(state, name), state.absences.Get(name));
}

size_t CountListed(const DirectoryState& state) { return state.listing ? state.listing->names().size() : 0; }

FileAttributes ToFileAttributes(const DirectoryState& state, uint64_t inode) {
  FileAttributes attributes;
  attributes.inode = inode;
  attributes.mode = state.attributes.mode;
  // 1 says "not counted" to programs that guess the number of subdirectories from it.
  attributes.link_count = state.removed ? 0 : 1;
  attributes.uid = state.attributes.uid;
  attributes.gid = state.attributes.gid;
  attributes.size = 4096;
  attributes.access_time = state.listed_at.value_or(state.attributes.access_time);
  attributes.modification_time = state.attributes.modification_time;
  attributes.change_time = state.attributes.change_time;
  return attributes;
}

}  // namespace cosfuse
