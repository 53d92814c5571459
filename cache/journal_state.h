#pragma once

#include <map>
#include <string>
#include <vector>

#include "cache/journal_record.h"

namespace cosfuse {

/// What the records of a journal say, read in their order: the same for a process that writes them and for one that
/// finds them. Pure; not thread-safe.
class JournalState {
 public:
  /// A record of a file that is not known, or is gone, says nothing.
  void Apply(const JournalRecord& record);

  const std::map<JournalFileId, JournaledFile>& files() const { return files_; }
  /// Uploads in parts that were begun and not ended: id to key.
  const std::map<std::string, ObjectKey>& open_uploads() const { return open_uploads_; }
  /// Directories whose rename was begun and has not ended, by the move's id.
  const std::map<std::string, JournaledMove>& moves() const { return moves_; }
  /// What was removed and may still be in the store.
  const std::map<ObjectKey, JournaledRemoval>& removals() const { return removals_; }
  /// Nothing of it would be missed.
  bool empty() const { return files_.empty() && open_uploads_.empty() && moves_.empty() && removals_.empty(); }
  /// The least id that no record has named.
  JournalFileId next_id() const { return next_id_; }

  /// The fewest records that say all of it.
  std::vector<JournalRecord> Summary() const;

 private:
  JournaledFile* Find(JournalFileId file);

  std::map<JournalFileId, JournaledFile> files_;
  std::map<std::string, ObjectKey> open_uploads_;
  std::map<std::string, JournaledMove> moves_;
  std::map<ObjectKey, JournaledRemoval> removals_;
  JournalFileId next_id_{1};
  uint64_t closes_ = 0;  // JournaledFile::closed_order of the last one.
};

/// The records that say all of a move. One for each copy: a record has a limit, a directory has none.
std::vector<JournalRecord> RecordsOfMove(const std::string& id, const JournaledMove& move);

}  // namespace cosfuse
