#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/op_context.h"
#include "base/thread_pool.h"
#include "cache/journal_record.h"
#include "cos/object_store.h"
#include "fs/freshness.h"
#include "fs/node.h"
#include "fs/removal_plan.h"

namespace cosfuse {

/// A file that a program has unlinked.
struct Removal {
  DirectoryRef directory;  ///< Of the name; null where nothing is known of it.
  JournaledRemoval version;
  Evidence shown;  ///< When the store was last seen to have that version.
};

/// One try to remove objects, many in one request. Only the versions that were unlinked go: what has not been seen
/// within a second is looked at first, and so is everything again before the request is repeated. Used by one thread;
/// blocks on the network.
class RemovalBatch {
 public:
  /// All borrowed. `store`: one that shows removed versions.
  RemovalBatch(ObjectStore& store, ThreadPool& pool, Clock& clock) : store_(store), pool_(pool), clock_(clock) {}

  void Add(const ObjectKey& key, Removal removal) { removals_.emplace(key, std::move(removal)); }
  bool empty() const { return removals_.empty(); }

  void Send(const OpContext& context);
  /// Nothing was sent, for this reason.
  void GiveUp(const Error& error);

  /// As they were added, but for what looks have shown of the versions.
  const std::map<ObjectKey, Removal>& removals() const { return removals_; }
  /// Why the object may still be there; nothing: it is gone, or another version has the key.
  const Error* FindError(const ObjectKey& key) const;
  /// Another version has the key.
  bool stays(const ObjectKey& key) const { return stays_.contains(key); }
  /// The store has deleted one at least.
  bool any_deleted() const { return !gone_.empty(); }
  /// How many of a next batch are sent at once.
  std::optional<size_t> next_size() const { return next_size_; }

 private:
  /// What an answer has shown of a key.
  struct Shown {
    ETag etag;
    WallTime modified;
    Duration ahead;  ///< ClockAhead.
  };
  using Findings = std::map<ObjectKey, Shown>;
  /// Whether it is what was removed; if so, that version's Last-Modified is known from here on.
  bool IsStillThere(const ObjectKey& key, const Shown& shown);

  void Prove(const OpContext& context);
  /// What the store has under these keys, which are in binary order. Errors: ObjectStore's.
  Result<Findings> Look(const OpContext& context, const std::vector<ObjectKey>& keys) const;
  /// Of neighbours, what listings show; not each of them need be among that.
  Result<Findings> LookInPages(const OpContext& context, const RemovalLook& look) const;
  /// What is not as it was any more is proven no longer. Errors: there is such a one; Look's.
  Result<> LookAgain(const OpContext& context, const std::vector<ObjectKey>& keys);
  void Delete(const OpContext& context);
  Result<std::vector<DeleteFailure>> DeleteOne(const OpContext& context, const ObjectKey& key);

  ObjectStore& store_;
  ThreadPool& pool_;
  Clock& clock_;
  std::map<ObjectKey, Removal> removals_;
  std::set<ObjectKey> proven_;  // The store was just seen to have the version, which is to be deleted.
  std::set<ObjectKey> gone_;    // It has been, perhaps by a request that was not answered.
  std::set<ObjectKey> stays_;
  std::map<ObjectKey, Error> errors_;
  std::optional<size_t> next_size_;
};

}  // namespace cosfuse
