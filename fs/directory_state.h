#pragma once

#include <optional>
#include <string>
#include <string_view>

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

FileAttributes ToFileAttributes(const DirectoryState& state, uint64_t inode);

}  // namespace cosfuse
