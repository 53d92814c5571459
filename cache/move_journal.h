#pragma once

#include <string>

#include "cache/journal.h"
#include "cache/journal_record.h"

namespace cosfuse {

/// What the journal has to know of directories that are renamed, so that a later process brings to an end what this one
/// does not. Without a journal it does nothing. Thread-safe. Blocks on the local disk; every error is the disk's.
class MoveJournal {
 public:
  /// Null: there is none. Borrowed.
  explicit MoveJournal(Journal* journal) : journal_(journal) {}

  /// Before the first copy. Returns the move's id, which no other has; the intent survives the node.
  Result<std::string> Begin(const ObjectKey& from, const ObjectKey& to, bool target_was_there);
  /// After a copy. Survives the process, and from that Sync on the node.
  Result<> NoteCopied(const std::string& move, const ObjectKey& key, const JournaledCopy& copy);
  /// From here on the move only goes forward. Survives the process, and the node once Sync has returned: before the
  /// first source is deleted.
  Result<> Switch(const std::string& move);
  Result<> Sync();
  /// Before anybody is told that the move has ended. Survives the node, because both names may be used again at once.
  Result<> End(const std::string& move);

 private:
  Result<> AppendSynced(const JournalRecord& record);

  Journal* const journal_;
};

}  // namespace cosfuse
