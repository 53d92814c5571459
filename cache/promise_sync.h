#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "cache/journal.h"
#include "cache/retry_timer.h"

namespace cosfuse {

/// When what was promised survives the node: at once, or within a while, for all who have promised something by then.
/// Thread-safe.
class PromiseSync {
 public:
  /// Borrowed. `journal` null: nothing is ever promised. `delay` zero: at once.
  PromiseSync(Journal* journal, RetryTimer& timer, Duration delay) : journal_(journal), timer_(timer), delay_(delay) {}
  PromiseSync(const PromiseSync&) = delete;
  PromiseSync& operator=(const PromiseSync&) = delete;

  /// What has been appended to the journal is a promise. Blocks on the disk where it is kept at once. Errors: the
  /// disk's; where it is kept later, that of an earlier one, which could not be.
  Result<> Keep() EXCLUDES(mutex_);
  /// Returns when the node's next process knows, too, of so many promises (FileRegistry::ended_promises) that they have
  /// ended: else it would keep them again, whatever has become of the object since. Blocks on the disk where it has to.
  /// Errors: the disk's.
  Result<> KeepEnds(uint64_t ended);

 private:
  void KeepAll() EXCLUDES(mutex_);

  Journal* const journal_;
  RetryTimer& timer_;
  const Duration delay_;
  std::atomic<uint64_t> kept_ends_ = 0;  // May be behind.
  Mutex mutex_;
  bool scheduled_ GUARDED_BY(mutex_) = false;
  std::optional<Error> failed_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
