#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_range.h"
#include "base/disk.h"
#include "base/mutex.h"
#include "cache/journal_record.h"
#include "cache/journal_state.h"

namespace cosfuse {

/// Whose journal it is, and when it is written.
struct JournalIdentity {
  std::string store;    ///< Endpoint, bucket and prefix.
  std::string boot_id;  ///< Of the running kernel (/proc/sys/kernel/random/boot_id).
};

/// The log in a cache directory; where staging files lie there, and the name of that of one layer.
inline constexpr std::string_view kJournalFile = "journal";
inline constexpr std::string_view kStagingDirectory = "data";
std::string StagingFileName(JournalFileId file, LayerId layer);

/// What an earlier process left in a journal.
struct JournalFound {
  JournalState state;
  /// Of the records that hold bytes, those whose bytes no other staging file has by now, in order.
  std::vector<JournalBytes> bytes;
  /// The kernel has been started anew since: staging files have for certain what was closed, nothing else.
  bool other_boot = false;
  JournalScan::End end = JournalScan::End::kWhole;
  ByteCount unused = 0;  ///< Bytes from the first broken record on.
};

/// Reads the journal of a cache directory and leaves it as it is; empty where there is none. Whoever only looks has no
/// identity. Blocks on the disk. Errors: kUnsupported (another version of the format), kInvalidArgument (another
/// store's, which is not empty), the disk's.
Result<JournalFound> ReadJournal(Disk& disk, const std::optional<JournalIdentity>& identity);

/// The journal of a cache directory: what has to survive this process, as one log that is only appended to, until it is
/// written anew because most of it says nothing any more.
///
/// What Append has returned for survives the process, and what Sync has returned for the node. A crash in the middle of
/// either leaves the records before, and perhaps some of those at work, in their order.
///
/// Thread-safe. Blocks on the local disk alone.
class Journal {
 public:
  /// Begins a new log with these records, in place of the one that is there. New files get `first_id` and those above.
  /// Errors: the disk's; the old log or the new one is there then.
  static Result<std::unique_ptr<Journal>> Begin(Disk& disk, const JournalIdentity& identity, JournalFileId first_id,
                                                std::span<const JournalRecord> records);

  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// A name for a file that no record has had yet.
  JournalFileId NewFileId() EXCLUDES(mutex_);

  /// Errors: the disk's (kNoSpace first of all): none of the records is there.
  Result<> Append(std::span<const JournalRecord> records) EXCLUDES(mutex_);
  Result<> Append(const JournalRecord& record) { return Append(std::span(&record, 1)); }
  /// Returns when all that was appended before is on stable storage. Callers that meet share one sync. Errors: the
  /// disk's; then no later one succeeds either, because what the disk has is not known any more.
  Result<> Sync() EXCLUDES(mutex_);

  /// Bytes of the log.
  ByteCount size() const EXCLUDES(mutex_);

 private:
  Journal(Disk& disk, JournalIdentity identity) : disk_(disk), identity_(std::move(identity)) {}

  /// Writes a log of these records and puts it in the place of the present one, whose name is synced by the caller.
  /// Returns it, and its size.
  Result<std::pair<std::shared_ptr<DiskFile>, ByteCount>> WriteLog(JournalFileId first_id,
                                                                   std::span<const JournalRecord> records);
  void CompactIfWorthIt() EXCLUDES(mutex_);
  /// What only the log has of these layers' bytes is synced where it belongs.
  Result<> SyncLayers(const std::set<std::pair<JournalFileId, LayerId>>& layers);

  Disk& disk_;
  const JournalIdentity identity_;

  mutable Mutex mutex_;  // Held over a write to the log, never over a sync.
  CondVar changed_;
  std::shared_ptr<DiskFile> log_ GUARDED_BY(mutex_);
  ByteCount end_ GUARDED_BY(mutex_) = 0;  // Of the log.
  ByteCount compact_at_ GUARDED_BY(mutex_) = 0;
  ByteCount appended_ GUARDED_BY(mutex_) = 0;  // Bytes ever, and how many of them are synced.
  ByteCount synced_ GUARDED_BY(mutex_) = 0;
  bool syncing_ GUARDED_BY(mutex_) = false;
  bool compacting_ GUARDED_BY(mutex_) = false;
  std::optional<Error> unwritable_ GUARDED_BY(mutex_);
  std::optional<Error> unsyncable_ GUARDED_BY(mutex_);
  JournalState state_ GUARDED_BY(mutex_);
  std::set<std::pair<JournalFileId, LayerId>> layers_in_log_ GUARDED_BY(mutex_);  // Some of whose bytes it holds.
  JournalFileId next_id_ GUARDED_BY(mutex_){1};
};

}  // namespace cosfuse
