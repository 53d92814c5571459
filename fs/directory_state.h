#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fs/file_system.h"
#include "fs/node.h"

namespace cosfuse {

// What happens to a DirectoryState, as functions without locks, clocks or requests.

/// A directory of which nothing is known but that it is there.
DirectoryState NewDirectoryState(const AttributeDefaults& defaults, WallTime now, const Evidence& evidence);

/// A listing, sent at `at`, showed the directory, with or without its marker. Attributes that were learnt from this
/// very marker are still true; of another one they are unknown; without one they are the defaults.
void LearnMarker(DirectoryState& state, const std::optional<ListedObject>& marker, MonotonicTime at);
/// A HEAD of the marker showed it (nothing: there is none); attributes follow.
void LearnMarkerInfo(DirectoryState& state, const std::optional<ObjectInfo>& info, MonotonicTime at);
/// This mount wrote the marker.
void LearnOwnMarker(DirectoryState& state, const ObjectMetadata& metadata, const ETag& etag, MonotonicTime at);

/// This mount made or replaced a name, or (nothing) removed it: the kept listing, answers on their way and the times of
/// the directory follow.
void RecordName(DirectoryState& state, std::string_view name, std::optional<ListedName> now_listed, WallTime now);
/// A file that was already there has been stored: no change of the directory itself.
void RecordStored(DirectoryState& state, const ListedName& listed);
/// A name shows something that this mount does not know.
void RecordUnknown(DirectoryState& state);
/// The store does not have the name, as an answer showed that was asked for at `at`.
void RecordAbsence(DirectoryState& state, std::string_view name, MonotonicTime at);
/// The same of an answer that the kept listing has taken over.
void NoteAbsence(DirectoryState& state, std::string_view name, MonotonicTime at);
/// A page of the directory's names, asked for at `at` when the change log stood at `since`: the kept listing follows.
/// `unsent`: what was here alone at that moment.
void RecordPage(DirectoryState& state, PageShown page, std::vector<ListedName> unsent, MonotonicTime at,
                ChangeLog::Moment since);
/// The directory is new, and nobody has put anything into it: so far as was seen at `at`.
void RecordEmpty(DirectoryState& state, MonotonicTime at);

/// The kept listing is not kept any longer.
void DropListing(DirectoryState& state);

/// When the kept listing showed last whether there is the name. Nothing: it never did.
Evidence ListedAt(const DirectoryState& state, std::string_view name);
/// When there was last seen to be no such name. Nothing: there may be one.
Evidence AbsentAt(const DirectoryState& state, std::string_view name);
/// The number of names kept with the directory.
size_t CountListed(const DirectoryState& state);

FileAttributes ToFileAttributes(const DirectoryState& state, uint64_t inode);

}  // namespace cosfuse
