#pragma once

#include "fs/file_system.h"
#include "fs/node.h"

namespace cosfuse {

// What happens to a FileState, as functions without locks, clocks or requests.

/// The state of a file that a HEAD or GET showed, sent at `at`.
FileState FileStateFromInfo(const ObjectInfo& info, MonotonicTime at, const AttributeDefaults& defaults);

/// The store still has this version: its attributes and the evidence are renewed.
void ConfirmVersion(FileState& state, const ObjectInfo& info, MonotonicTime at, const AttributeDefaults& defaults);
/// The node becomes another version; nothing of the old one is left. Only for nodes that were never opened.
void MoveToVersion(FileState& state, const ObjectInfo& info, MonotonicTime at, const AttributeDefaults& defaults);

/// The store has what was sent or copied: another version with the same attributes and foreign metadata.
void AdvanceVersion(FileState& state, const ETag& etag, ByteCount size, const Evidence& at);

enum class ContentNews {
  kNone,        ///< Nothing, or bytes are still unsent; a version that is stored already was taken over all the same.
  kStored,      ///< An upload has ended well: etag and size followed.
  kConflicted,  ///< An upload lost against another writer: the content is a sibling's.
};
/// Takes over what has become of uploads that nobody waited for. `key`: where the file was to be stored; `at`: when
/// that is known to have been so.
ContentNews LearnFromContent(FileState& state, const ObjectKey& key, const Evidence& at);

/// Where and with what the file's content is to be stored now; notes that it has been handed over.
UploadTarget HandOver(FileState& state, ObjectKey key);
/// The same for parts that leave while the file is written, which ask for nothing yet.
UploadTarget HandOverEarly(FileState& state, ObjectKey key);

/// True when a listing's entry proves that version and attributes are still these.
bool IsProvenBy(const FileState& state, const ListedName& listed);
/// Metadata can change within the granularity of Last-Modified; after that, ETag and Last-Modified prove it.
bool IsSettled(const ObjectInfo& info);

FileAttributes ToFileAttributes(const FileState& state, uint64_t inode);
/// The file as a listing would show it.
ListedName ToListedName(const FileState& state, std::string name);

}  // namespace cosfuse
