#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "cache/journal_record.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Versions that programs have removed while the store may still have them. An answer of the store shows what it had
/// when it was asked: a version is hidden from all answers to what was asked before it was gone. Thread-safe.
class RemovedVersions {
 public:
  RemovedVersions() = default;
  RemovedVersions(const RemovedVersions&) = delete;
  RemovedVersions& operator=(const RemovedVersions&) = delete;

  void Add(const ObjectKey& key, const JournaledRemoval& removal) EXCLUDES(mutex_);
  /// The version is gone, or stays: what is asked from here on shows what there is.
  void End(const ObjectKey& key) EXCLUDES(mutex_);

  /// Something that the store is asked, from before that to when its answer has been looked through.
  class Question {
   public:
    Question(RemovedVersions& removed, WallTime now);
    ~Question();
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    bool Hides(const ObjectKey& key, const ETag& etag, WallTime modified, WallTime answered_at) const;

   private:
    RemovedVersions& removed_;
    const WallTime asked_at_;
    const uint64_t place_;
  };

  /// How many the store may have below the prefix.
  size_t CountBelow(std::string_view prefix) const EXCLUDES(mutex_);
  /// What is held, for tests of leaks.
  size_t size() const EXCLUDES(mutex_);

 private:
  struct Removed {
    JournaledRemoval removal;
    std::optional<uint64_t> ended_at{};
  };
  using Versions = std::multimap<ObjectKey, Removed>;

  mutable Mutex mutex_;
  uint64_t now_ GUARDED_BY(mutex_) = 0;  // Counts ends and questions.
  Versions versions_ GUARDED_BY(mutex_);
  std::deque<Versions::iterator> ended_ GUARDED_BY(mutex_);  // In the order of their ends.
  std::multiset<uint64_t> asked_ GUARDED_BY(mutex_);         // When what is not answered yet was asked.
};

/// How far the store's clock is before this machine's, or a little more: by the Date of an answer and the time of the
/// question. Without a Date, a minute.
Duration ClockAhead(WallTime answered_at, WallTime asked_at);

/// Whether what the store shows is the version that was removed: an ETag alone can be that of equal bytes. Of
/// Last-Modified the whole seconds count, because a HEAD has no others. `ahead`: how far the store's clock is before
/// this machine's.
bool IsRemoved(const JournaledRemoval& removal, const ETag& etag, WallTime modified, Duration ahead);

}  // namespace cosfuse
