#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/op_context.h"
#include "base/thread_pool.h"
#include "cache/move_journal.h"
#include "cos/object_store.h"
#include "fs/move_plan.h"

namespace cosfuse {

/// What moves work with, all of it borrowed.
struct MoveTools {
  ObjectStore& store;
  ThreadPool& pool;
  Clock& clock;
  MoveJournal& journal;
};

/// Everything below a prefix. Errors: ObjectStore's.
Result<ListedTree> ListTree(const OpContext& context, ObjectStore& store, const ObjectKey& prefix);

/// One directory on its way to another name: copies first; when each object has one, the switch; then the sources are
/// deleted. At every moment each object is below one of the names at least. What this process does not bring to its
/// end a later one does, from what the journal says: before the switch copies are removed again, after it sources.
///
/// The caller keeps everybody else of this mount away from both names. Used by one thread at a time. Blocks on the
/// network, and for the journal on the local disk. Errors of all calls: ObjectStore's, the disk's.
class DirectoryMove {
 public:
  /// Takes down the intent. Both keys with the slash. `target_was_there`: an empty directory has the new name.
  static Result<std::unique_ptr<DirectoryMove>> Begin(const MoveTools& tools, const ObjectKey& from,
                                                      const ObjectKey& to, bool target_was_there);
  /// One that was left half way.
  DirectoryMove(const MoveTools& tools, std::string id, JournaledMove left);

  const ObjectKey& from() const { return move_.from; }
  const ObjectKey& to() const { return move_.to; }
  /// May be asked by any thread.
  bool switched() const { return stage_ >= Stage::kDeleting; }

  /// Copies everything, and copies again what changed meanwhile, until a listing shows nothing new: then each object
  /// of the source has a copy of its present version. Errors: kBusy: the source never stands still; kNameTooLong: a key
  /// below would be, and nothing was copied.
  Result<> CopyEverything(const OpContext& context);
  /// What was copied.
  const MovedTree& tree() const { return tree_; }
  Result<> Switch();
  /// Deletes what CopyEverything has last seen. Errors: the first of a key that is still there, which then exists
  /// twice.
  Result<> DeleteSources(const OpContext& context);
  /// An object without the slash that stands for the directory, as older s3fs wrote it, moves as well.
  Result<> MoveOldMarker(const OpContext& context);
  /// Nothing is left to be done, or to be found by a later process.
  Result<> End();

  /// From wherever it stands to its end: back, if it has not switched, else forward. Looks at both names first, so that
  /// nothing goes that others have put there. May be called again after an error.
  Result<> Settle(const OpContext& context);

 private:
  enum class Stage { kCopying, kDeleting, kOver };

  Result<> CopyAll(const OpContext& context, const std::vector<ObjectKey>& keys);
  Result<> CopyOne(const OpContext& context, const ObjectKey& key);
  Result<> DeleteKeys(const OpContext& context, const std::vector<ObjectKey>& keys) const;
  /// What the tree knows of copies, for plans by the journal's terms.
  void TakeDownCopies();
  Result<> Undo(const OpContext& context);
  Result<> Finish(const OpContext& context);
  /// Of objects below the new name, those that are copies.
  Result<std::vector<ObjectKey>> FindCopies(const OpContext& context, const std::vector<ObjectKey>& doubtful) const;
  Result<bool> IsCopy(const OpContext& context, const ObjectKey& target) const;

  const MoveTools tools_;
  const std::string id_;
  JournaledMove move_;  // Its copies only once it is settled.
  MovedTree tree_;
  std::atomic<Stage> stage_;
};

}  // namespace cosfuse
