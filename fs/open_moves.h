#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/mutex.h"
#include "base/op_context.h"
#include "cache/move_journal.h"
#include "cache/retry_timer.h"
#include "fs/directory_move.h"
#include "fs/key_gate.h"
#include "fs/parts.h"

namespace cosfuse {

/// The renames of directories that stand half way, of this process or of one before it, and whoever brings them to
/// their end: tried again by threads of its own until they are there. Thread-safe.
class OpenMoves {
 public:
  /// `journal` is null where there is none; then nothing survives this process.
  OpenMoves(Parts& parts, Journal* journal);
  OpenMoves(const OpenMoves&) = delete;
  OpenMoves& operator=(const OpenMoves&) = delete;

  /// Errors: kBusy: one that concerns these names has not come to its end.
  Result<> CheckFree(const ObjectKey& from, const ObjectKey& to) const EXCLUDES(mutex_);
  /// DirectoryMove::Begin.
  Result<std::unique_ptr<DirectoryMove>> Begin(const ObjectKey& from, const ObjectKey& to, bool target_was_there);
  /// Brings to its end what could not go on. `hold`: of both its names. Waits for the first try, which is bounded,
  /// unless the context is cancelled: who made it is gone then.
  void Settle(const OpContext& context, std::unique_ptr<DirectoryMove> move, KeyGate::Hold hold) EXCLUDES(mutex_);
  /// Those of an earlier process. Without waiting.
  void Resume(const std::map<std::string, JournaledMove>& left) EXCLUDES(mutex_);
  /// Returns when none is left. Errors: the context's; they go on.
  Result<> WaitUntilSettled(const OpContext& context) const EXCLUDES(mutex_);

  /// Gives up what is in progress, which a later process finds. Call it before the pool of Parts is joined.
  void Stop();

 private:
  using MoveRef = std::shared_ptr<DirectoryMove>;

  void Add(const MoveRef& move) EXCLUDES(mutex_);
  /// Tries, and has it tried again later where that fails.
  void Attempt(const OpContext& context, const MoveRef& move, KeyGate::Hold hold, int failures) EXCLUDES(mutex_);
  void AttemptInPool(const MoveRef& move, KeyGate::Hold hold, int failures);
  Result<> Try(const OpContext& context, DirectoryMove& move, KeyGate::Hold hold);
  /// What nodes know of both names, and of what is above and below, is asked for again.
  void ForgetNames(const DirectoryMove& move);

  Parts& parts_;
  MoveJournal journal_;
  const std::shared_ptr<Cancellation> stop_ = std::make_shared<Cancellation>();
  RetryTimer timer_;

  mutable Mutex mutex_;
  mutable CondVar settled_;
  std::set<MoveRef> moves_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
