#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/op_context.h"
#include "cache/journal.h"
#include "cache/retry_timer.h"
#include "cos/limits.h"
#include "fs/key_gate.h"
#include "fs/parts.h"
#include "fs/removal_batch.h"
#include "fs/removed_versions.h"

namespace cosfuse {

/// Files that programs have unlinked while the store still has them: their DELETEs go there a moment later, many in one
/// request, after what was closed before. Each holds its key alone until then, so that nothing is stored under it
/// before.
///
/// A removal is in the journal before Add returns: from there on this process or a later one brings it to its end, and
/// until then RemovedVersions hides the object. The end is in the journal, synced, before the key is let go: a later
/// process never takes what has it then for what was removed. Only the version that was removed goes (RemovalBatch).
///
/// Thread-safe.
class RemovalQueue {
 public:
  /// `store`: one that shows removed versions. `journal` is null where there is none; then nothing can be added.
  RemovalQueue(Parts& parts, ObjectStore& store, RemovedVersions& removed, Journal* journal);
  RemovalQueue(const RemovalQueue&) = delete;
  RemovalQueue& operator=(const RemovalQueue&) = delete;

  /// A removal that did not wait has shown that the role may delete: others need not wait from here on.
  void NoteMayDelete() { may_delete_ = true; }
  bool usable() const { return journal_ != nullptr && may_delete_; }

  /// The object is removed as far as this mount is concerned. `hold`: of the key, alone; taken over. Waits while too
  /// many are on their way. Errors: the context's, the disk's; nothing has changed then.
  Result<> Add(const OpContext& context, const ObjectKey& key, Removal removal, KeyGate::Hold& hold) EXCLUDES(mutex_);
  /// Those of an earlier process; nobody may hold a key yet. Without waiting.
  void Resume(const std::map<ObjectKey, JournaledRemoval>& left) EXCLUDES(mutex_);

  /// Returns when nothing below the prefix, or with that key, that was added before is on its way. Errors: the
  /// context's; that of the first try that failed, after which they go on; that of a removal below which the store has
  /// refused, once.
  Result<> Flush(const OpContext& context, const ObjectKey& prefix) EXCLUDES(mutex_);
  /// The same for all of them, however many tries that takes.
  Result<> FlushAll(const OpContext& context) EXCLUDES(mutex_);

  /// Gives up what is in progress, which a later process finds. Call it before the pool of Parts is joined.
  void Stop();

 private:
  struct Entry {
    Removal removal;
    KeyGate::Hold hold;
    uint64_t number = 0;           ///< In the order of Add.
    int failures = 0;              ///< In a row.
    uint64_t promised_before = 0;  ///< What was closed earlier (FileCache::promised).
  };
  /// By key: each key is held alone, so that there is one at most.
  using Entries = std::map<ObjectKey, Entry>;
  Result<> Wait(const OpContext& context, const ObjectKey& prefix, bool through_failures) EXCLUDES(mutex_);
  /// Has a thread send what waits, if there is anything and none is at it.
  void Start() EXCLUDES(mutex_);
  void StartLaterLocked(Duration delay) REQUIRES(mutex_);
  void Run() EXCLUDES(mutex_);
  /// The oldest that have failed least, and what was closed before the last of them.
  std::pair<RemovalBatch, uint64_t> TakeBatch() EXCLUDES(mutex_);
  /// Lets go of what has ended. The error of what is to be tried again.
  std::optional<Error> Settle(const RemovalBatch& batch) EXCLUDES(mutex_);
  /// Errors: the disk's; then nothing is to be let go.
  Result<> NoteEnded(const std::vector<ObjectKey>& ended);
  void RememberRefusal(const ObjectKey& key, const Error& error) EXCLUDES(mutex_);

  Parts& parts_;
  ObjectStore& store_;
  RemovedVersions& removed_;
  Journal* const journal_;
  const std::shared_ptr<Cancellation> stop_ = std::make_shared<Cancellation>();
  RetryTimer timer_;
  std::atomic<bool> may_delete_ = false;

  mutable Mutex mutex_;
  CondVar changed_;
  Entries entries_ GUARDED_BY(mutex_);
  uint64_t added_ GUARDED_BY(mutex_) = 0;
  bool running_ GUARDED_BY(mutex_) = false;          // A thread is at it,
  bool wanted_ GUARDED_BY(mutex_) = false;           // and somebody has asked for another try meanwhile.
  bool start_is_due_ GUARDED_BY(mutex_) = false;     // The timer will start one.
  int failures_ GUARDED_BY(mutex_) = 0;              // In a row.
  uint64_t tries_ GUARDED_BY(mutex_) = 0;            // That have ended,
  std::optional<Error> failure_ GUARDED_BY(mutex_);  // and why the last one did not succeed.
  size_t batch_size_ GUARDED_BY(mutex_) = kMaxKeysPerDelete;
  std::map<ObjectKey, Error> refused_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
