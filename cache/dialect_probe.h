#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/disk.h"
#include "base/mutex.h"
#include "base/random.h"
#include "cache/store_dialect.h"
#include "cos/object_store.h"

namespace cosfuse {

/// The file below the cache directory that holds what was found out.
inline constexpr const char* kDialectFile = "store-dialect";

/// Finds out a store's dialect at first need, and remembers it: in memory, and on disk for the next start.
/// Thread-safe; several first calls at once may each ask. What it is given by reference must outlive it.
class DialectProbe {
 public:
  /// `store_name`: endpoint and bucket, without line breaks.
  DialectProbe(std::string store_name, ObjectStore& store, Disk& disk, const Clock& clock, Random& random)
      : store_name_(std::move(store_name)), store_(store), disk_(disk), clock_(clock), random_(random) {}

  /// The dialect. `key` is what is about to be uploaded: a role may be confined to names like it.
  ///
  /// Begins an upload of `key` under a condition that cannot hold: a store that lets it pass ignores conditions there,
  /// and the upload is aborted. Then the completion is put to the same test, with an object of one byte under a name of
  /// its own beside `key`, which exists for a moment if the condition is ignored; not where the role may not delete it
  /// again: conditions then count as ignored. What cannot be removed all the same is logged.
  ///
  /// Errors: the store's, the context's; then nothing is known and nothing remembered. Blocks on the network and the
  /// local disk. Call it with no lock held.
  Result<StoreDialect> Fetch(const OpContext& context, const ObjectKey& key) EXCLUDES(mutex_);

 private:
  std::optional<StoreDialect> Recall() EXCLUDES(mutex_);
  void Remember(const StoreDialect& dialect) EXCLUDES(mutex_);
  Result<bool> ProbeBegin(const OpContext& context, const ObjectKey& key);
  Result<bool> ProbeComplete(const OpContext& context, const ObjectKey& key);
  /// Whether a completion under a false condition was refused.
  Result<bool> CompleteFalsely(const OpContext& context, const ObjectKey& key, const std::string& upload_id);

  const std::string store_name_;
  ObjectStore& store_;
  Disk& disk_;
  const Clock& clock_;
  Random& random_;

  Mutex mutex_;
  std::optional<StoreDialect> known_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
