#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "cache/journal.h"
#include "cache/journal_record.h"

namespace cosfuse {

/// What is known about the end of the process that left a journal.
struct JournalEnd {
  bool other_boot = false;  ///< The node has ended, too: only what was synced is there for certain.
  bool damaged = false;     ///< The journal is broken in the middle: a file may have been changed after what it says.
};

/// What becomes of a file that was left in a journal.
struct RecoveryPlan {
  std::optional<JournaledFile> upload{};  ///< Goes to the store by itself: a program was told that this is safe.
  std::optional<JournaledFile> keep{};    ///< Is kept for a person to decide about: no program ever closed it.
  friend bool operator==(const RecoveryPlan&, const RecoveryPlan&) = default;
};
/// Pure. Neither where nothing is worth keeping, or nothing can be relied on. What was to replace any version may
/// replace only the one that it knew.
RecoveryPlan PlanRecovery(const JournaledFile& file, const JournalEnd& end);

/// Closed files whose name a later one has taken, which replaces whatever is there: the process ended while a rename
/// was about to give them up. Pure.
std::set<JournalFileId> FindReplaced(const std::map<JournalFileId, JournaledFile>& files);

/// A file that waits for a person: `cosfuse recover` lists it. Its bytes lie in the staging files of `id`.
struct KeptFile {
  std::string name;  ///< Unique in its cache directory.
  std::string store;
  JournalFileId id{};
  JournaledFile state;
};
/// Those of a cache directory, by name; any process may look. Entries that cannot be read are left out, and counted in
/// `unreadable`. Errors: the disk's.
Result<std::vector<KeptFile>> ListKeptFiles(Disk& disk, size_t& unreadable);
/// Removes it with its bytes. Errors: the disk's.
Result<> RemoveKeptFile(Disk& disk, const KeptFile& file);

/// The keys of files that a program was told are safe, and that the store does not have, as the journal of a cache
/// directory says at this moment, in the order in which they were closed; any process may look. Errors: kUnsupported
/// (another version of the format), the disk's.
Result<std::vector<ObjectKey>> ListPromisedFiles(Disk& disk);

/// What a new process goes on with.
struct Recovered {
  std::unique_ptr<Journal> journal;
  /// Go to the store now, in the order in which they were closed. They are in the new journal.
  std::vector<std::pair<JournalFileId, JournaledFile>> uploads;
  /// Uploads in parts that have to be aborted: id to key. They are in the new journal, too.
  std::map<std::string, ObjectKey> open_uploads;
  /// Renames of directories that have not come to their end, by id. They are in the new journal, too.
  std::map<std::string, JournaledMove> moves;
  /// What was removed and may still be in the store. It is in the new journal, too.
  std::map<ObjectKey, JournaledRemoval> removals;
  size_t newly_kept = 0;       ///< Files that were set aside now,
  size_t kept = 0;             ///< and all that wait.
  ByteCount staged_bytes = 0;  ///< Of disk, that staging files take,
  ByteCount kept_bytes = 0;    ///< and those among them that wait.
};

/// Takes over a cache directory from whatever process had it before: reads its journal, sets aside what needs a person,
/// removes staging files that nothing refers to, and begins a new journal with the rest. Ten thousand files take a
/// fraction of a second: the time grows with the journal, and there is one sync for all that go to the store. What it
/// did not get done when it ends half way, the next one does: until the new journal has its name, the old one says all
/// that it said. The caller holds the directory's lock. Logs what could not be used.
///
/// Errors: ReadJournal's, and then nothing has changed; the disk's.
Result<Recovered> RecoverCacheDirectory(Disk& disk, const JournalIdentity& identity, WallTime now);

}  // namespace cosfuse
