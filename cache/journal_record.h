#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/byte_range.h"
#include "base/clock.h"
#include "base/error.h"
#include "cache/cached_file.h"
#include "cache/content_image.h"

namespace cosfuse {

/// Names a file in a journal and in the names of its staging files; never used twice in one cache directory.
enum class JournalFileId : uint64_t {};

/// A file with changes that the store does not have: everything that a restarted process has to know of it.
struct JournaledFile {
  std::optional<BaseVersion> base{};  ///< Its bytes count as far as `content` says.
  std::optional<BaseVersion> copied_from{};
  UploadTarget target{};  ///< Where it is to be stored; without key where that is not known yet.
  /// A conflict has moved the bytes: the base is the sibling, or there is this archive of them.
  bool on_sibling = false;
  std::optional<BaseVersion> archive{};
  std::vector<std::string> upload_ids{};  ///< Mark versions that it may have made.
  ContentImage content{};
  /// The newest moment that a program was told is safe: it goes to the store whatever happens to this process.
  std::optional<ContentSnapshot> closed{};
  uint64_t closed_order = 0;  ///< Grows with each such moment of any file; 0: as before.
  friend bool operator==(const JournaledFile&, const JournaledFile&) = default;
};

/// The first record of a journal. Its form is the same in every version of the format.
struct JournalHeader {
  static constexpr uint64_t kVersion = 1;
  uint64_t version = kVersion;
  std::string store;      ///< Endpoint, bucket and prefix: the journal is of no use for others.
  std::string boot_id;    ///< Of the kernel under which it was written: under another one only what was synced counts.
  uint64_t first_id = 1;  ///< Lesser ones belong to files of earlier journals.
  friend bool operator==(const JournalHeader&, const JournalHeader&) = default;
};

// The records. Each belongs to one file; what a file's records say in their order is JournaledFile (journal_state.h).

/// All that is known, in place of everything before.
struct JournalFileRecord {
  JournalFileId file{};
  JournaledFile state;
  friend bool operator==(const JournalFileRecord&, const JournalFileRecord&) = default;
};
/// Bytes are in the layer's staging file.
struct JournalWrite {
  JournalFileId file{};
  LayerId layer{};
  ByteRange range;
  friend bool operator==(const JournalWrite&, const JournalWrite&) = default;
};
/// The bytes of some JournalWrite before, so that syncing the journal is enough for them.
struct JournalBytes {
  JournalFileId file{};
  LayerId layer{};
  ByteCount offset = 0;
  std::string bytes;
  friend bool operator==(const JournalBytes&, const JournalBytes&) = default;
};
struct JournalTruncate {
  JournalFileId file{};
  LayerId layer{};
  ByteCount size = 0;
  friend bool operator==(const JournalTruncate&, const JournalTruncate&) = default;
};
struct JournalZero {
  JournalFileId file{};
  LayerId layer{};
  ByteRange range;
  friend bool operator==(const JournalZero&, const JournalZero&) = default;
};
/// Bytes have left the disk for an unfinished upload.
struct JournalPark {
  JournalFileId file{};
  LayerId layer{};
  ByteRange range;
  friend bool operator==(const JournalPark&, const JournalPark&) = default;
};
struct JournalMerge {
  JournalFileId file{};
  LayerId from{};
  LayerId into{};
  friend bool operator==(const JournalMerge&, const JournalMerge&) = default;
};
/// Where and with what it is to be stored.
struct JournalTarget {
  JournalFileId file{};
  UploadTarget target;
  friend bool operator==(const JournalTarget&, const JournalTarget&) = default;
};
/// A program is about to be told that this is safe.
struct JournalClosed {
  JournalFileId file{};
  ContentSnapshot snapshot;
  friend bool operator==(const JournalClosed&, const JournalClosed&) = default;
};
/// An upload is about to be sent whose version carries this mark.
struct JournalUpload {
  JournalFileId file{};
  std::string id;
  friend bool operator==(const JournalUpload&, const JournalUpload&) = default;
};
/// The store has the snapshot, as this version; later changes are still here.
struct JournalStored {
  JournalFileId file{};
  ContentSnapshot snapshot;
  BaseVersion version;
  friend bool operator==(const JournalStored&, const JournalStored&) = default;
};
/// Nothing of it is wanted any more: the store has it, or it was removed.
struct JournalGone {
  JournalFileId file{};
  friend bool operator==(const JournalGone&, const JournalGone&) = default;
};
/// An upload in parts was begun; it has to be completed or aborted.
struct JournalPartsBegun {
  ObjectKey key;
  std::string upload_id;
  friend bool operator==(const JournalPartsBegun&, const JournalPartsBegun&) = default;
};
struct JournalPartsEnded {
  std::string upload_id;
  friend bool operator==(const JournalPartsEnded&, const JournalPartsEnded&) = default;
};

// The records of a directory that is renamed. They add up to a JournaledMove.

/// An object below the old name, and its copy below the new one.
struct JournaledCopy {
  ETag source;
  WallTime modified{};  ///< Last-Modified of the source, as a listing had it.
  ETag made;
  friend bool operator==(const JournaledCopy&, const JournaledCopy&) = default;
};
/// A directory whose rename has not come to its end.
struct JournaledMove {
  ObjectKey from;  ///< Both with the slash.
  ObjectKey to;
  bool target_was_there = false;  ///< An empty directory had the new name.
  bool switched = false;
  std::map<ObjectKey, JournaledCopy> copies{};  ///< By the source's key: the last one that was answered for.
  friend bool operator==(const JournaledMove&, const JournaledMove&) = default;
};
/// Objects are about to be copied.
struct JournalMoveBegun {
  std::string move;
  ObjectKey from;
  ObjectKey to;
  bool target_was_there = false;
  friend bool operator==(const JournalMoveBegun&, const JournalMoveBegun&) = default;
};
struct JournalMoveCopied {
  std::string move;
  ObjectKey key;
  JournaledCopy copy;
  friend bool operator==(const JournalMoveCopied&, const JournalMoveCopied&) = default;
};
/// Everything has its copy: from here on the move only goes forward, and sources are deleted.
struct JournalMoveSwitched {
  std::string move;
  friend bool operator==(const JournalMoveSwitched&, const JournalMoveSwitched&) = default;
};
/// Nothing is at two places any more.
struct JournalMoveEnded {
  std::string move;
  friend bool operator==(const JournalMoveEnded&, const JournalMoveEnded&) = default;
};

// The records of an object that is about to be removed. Each belongs to one key.

/// What a program has removed and the store may still have: this version goes, no other one.
struct JournaledRemoval {
  ETag etag;
  std::optional<WallTime> modified{};  ///< Its Last-Modified, where it is known; what has another one was made since.
  WallTime removed_at{};               ///< By this machine's clock: what was made later is another version.
  friend bool operator==(const JournaledRemoval&, const JournaledRemoval&) = default;
};
/// A program is about to be told that the name is gone.
struct JournalRemovalBegun {
  ObjectKey key;
  JournaledRemoval removal;
  friend bool operator==(const JournalRemovalBegun&, const JournalRemovalBegun&) = default;
};
/// The version is gone, or is to stay after all. What has the key from here on is another one.
struct JournalRemovalEnded {
  ObjectKey key;
  friend bool operator==(const JournalRemovalEnded&, const JournalRemovalEnded&) = default;
};

using JournalRecord =
    std::variant<JournalHeader, JournalFileRecord, JournalWrite, JournalBytes, JournalTruncate, JournalZero,
                 JournalPark, JournalMerge, JournalTarget, JournalClosed, JournalUpload, JournalStored, JournalGone,
                 JournalPartsBegun, JournalPartsEnded, JournalMoveBegun, JournalMoveCopied, JournalMoveSwitched,
                 JournalMoveEnded, JournalRemovalBegun, JournalRemovalEnded>;

/// A record as bytes: what kind it is, then its values.
std::string EncodeJournalRecord(const JournalRecord& record);
/// The reverse. Nothing where the bytes are no record of this version, whatever they are.
std::optional<JournalRecord> DecodeJournalRecord(std::string_view bytes);

/// Puts a record's bytes behind a length and a checksum (CRC-32C) of both.
void AppendJournalFrame(std::string& log, std::string_view record);

/// What a log holds.
struct JournalScan {
  enum class End {
    kWhole,    ///< Every byte is of a record.
    kTorn,     ///< The last record is not whole: the process or the node ended while it was written.
    kDamaged,  ///< A record in the middle is broken; what comes after it cannot be relied on.
  };
  std::vector<JournalRecord> records;  ///< Those before the end.
  ByteCount valid = 0;                 ///< Bytes of them.
  End end = End::kWhole;
};
/// Reads records until the end, or one that is not as it was written.
JournalScan ScanJournal(std::string_view log);

}  // namespace cosfuse
