#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/op_context.h"
#include "cache/promise_limit.h"

namespace cosfuse {

class LayeredFile;

/// Which files there are: all of them, for budgets and status, and those that must live on without a handle because
/// they hold bytes that an upload has been asked for. Also counts what befell them. Thread-safe.
class FileRegistry {
 public:
  struct Counts {
    uint64_t conflicts = 0;
    uint64_t failed_uploads = 0;
  };

  void Add(const std::shared_ptr<LayeredFile>& file) EXCLUDES(mutex_);
  void Remove(const LayeredFile* file) EXCLUDES(mutex_);
  /// Keeps the file alive until LetGo. `now`: since when, if it was not kept already.
  void Keep(const std::shared_ptr<LayeredFile>& file, MonotonicTime now) EXCLUDES(mutex_);
  void LetGo(const LayeredFile* file) EXCLUDES(mutex_);
  /// What it was kept for is done, and it is kept for something newer: it counts as kept since `now`.
  void KeepAnew(const LayeredFile* file, MonotonicTime now) EXCLUDES(mutex_);
  /// It is kept, but nobody knows for how long: its age counts no more.
  void KeepWithoutAge(const LayeredFile* file) EXCLUDES(mutex_);
  /// What is kept.
  PromiseLoad load(MonotonicTime now) const EXCLUDES(mutex_);
  /// Keeps nothing any more: the cache ends.
  void LetAllGo() EXCLUDES(mutex_);

  std::vector<std::shared_ptr<LayeredFile>> Files() const EXCLUDES(mutex_);

  /// The file has taken bytes over from another object, until RemoveCopy or its end.
  void AddCopy(const std::shared_ptr<LayeredFile>& file) EXCLUDES(mutex_);
  void RemoveCopy(const LayeredFile* file) EXCLUDES(mutex_);
  std::vector<std::shared_ptr<LayeredFile>> Copies() const EXCLUDES(mutex_);

  /// Has each file give back the disk of what is in the store already, and send more of what is not. False: no file
  /// gave any back. Called with no lock held.
  bool MakeRoom() const EXCLUDES(mutex_);
  /// False: MakeRoom would find nothing, now and later.
  bool MayMakeRoom() const EXCLUDES(mutex_);
  /// Some bytes are on their way to the store.
  bool AnythingLeaves() const EXCLUDES(mutex_);

  /// A file with bytes was promised to be stored (LayeredFile::Promise): its place in the order of such promises, which
  /// lasts until EndPromise.
  uint64_t BeginPromise() EXCLUDES(mutex_);
  void EndPromise(uint64_t place) EXCLUDES(mutex_);
  /// The place that the next promise gets: all up to now are before it.
  uint64_t next_promise() const EXCLUDES(mutex_);
  bool AnyPromiseBefore(uint64_t place) const EXCLUDES(mutex_);
  /// How many promises have been kept, or are not wanted any more.
  void CountEndedPromise() EXCLUDES(mutex_);
  uint64_t ended_promises() const EXCLUDES(mutex_);

  void CountConflict() EXCLUDES(mutex_);
  void CountFailedUpload() EXCLUDES(mutex_);
  Counts counts() const EXCLUDES(mutex_);

  /// Something that WaitForChange's caller may care about has happened.
  void NotifyChange() EXCLUDES(mutex_);
  /// A number that grows with each change.
  uint64_t changes() const EXCLUDES(mutex_);
  /// Returns when `changes` is no longer the number. Errors: the context's.
  Result<> WaitForChange(const OpContext& context, const Clock& clock, uint64_t changes) EXCLUDES(mutex_);

 private:
  struct Kept {
    std::shared_ptr<LayeredFile> file;
    uint64_t number = 0;
  };

  mutable Mutex mutex_;
  CondVar changed_;
  std::map<const LayeredFile*, std::weak_ptr<LayeredFile>> files_ GUARDED_BY(mutex_);
  std::map<const LayeredFile*, std::weak_ptr<LayeredFile>> copies_ GUARDED_BY(mutex_);
  std::map<const LayeredFile*, Kept> kept_ GUARDED_BY(mutex_);
  std::map<uint64_t, MonotonicTime> kept_since_ GUARDED_BY(mutex_);  // By Kept::number: the first is the oldest.
  uint64_t kept_ever_ GUARDED_BY(mutex_) = 0;
  std::set<uint64_t> promises_ GUARDED_BY(mutex_);
  uint64_t next_promise_ GUARDED_BY(mutex_) = 1;
  uint64_t ended_promises_ GUARDED_BY(mutex_) = 0;
  Counts counts_ GUARDED_BY(mutex_);
  uint64_t changes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace cosfuse
