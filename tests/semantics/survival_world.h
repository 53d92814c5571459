#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/fake_clock.h"
#include "base/random.h"
#include "cache/fake_disk.h"
#include "cache/file_cache.h"
#include "cache/recovery.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"
#include "fs/file_system.h"
#include "tests/semantics/survival_table.h"

namespace cosfuse::testing {

/// How a mount was started.
struct MountMode {
  bool journal = false;        ///< --durability=journal, and a long --max-delay
  bool fsync_journal = false;  ///< --fsync=journal
  Duration journal_sync{};     ///< --journal-sync
};

/// A clock that stands still for what is to happen much later; what is to happen soon happens at once.
class PatientClock final : public Clock {
 public:
  MonotonicTime Now() const override { return soon_.Now(); }
  WallTime WallNow() const override { return soon_.WallNow(); }
  Result<> Sleep(const OpContext& context, Duration delay) override {
    return delay < std::chrono::minutes(10) ? soon_.Sleep(context, delay) : late_.Sleep(context, delay);
  }
  void Advance(Duration by) { soon_.Advance(by); }

 private:
  FakeClock soon_;
  SystemClock late_;
};

/// A bucket and a disk in memory, a mount of both that has a directory `d` of its own making, and a program that works
/// in it. Each call of the program fails the test when it fails, but for those that return a Result. One loss can
/// happen to the mount; then another one starts on what is left, and ends when it has done all that it has to.
class SurvivalWorld {
 public:
  /// What is worth comparing of each object: bytes, mode, extended attributes.
  using Objects = std::map<std::string, std::string>;

  explicit SurvivalWorld(const MountMode& mode);
  ~SurvivalWorld();

  // The program. Names are below `d`, but for directories, which are beside it.
  HandleId Create(const std::string& name, int flags = 0);
  void Write(HandleId handle, std::string_view bytes);
  Result<> Close(HandleId handle);
  void WriteFile(const std::string& name, std::string_view bytes);
  /// In the bucket when it returns.
  void WriteStored(const std::string& name, std::string_view bytes);
  void Fsync(HandleId handle);
  void FsyncDirectory();
  void Truncate(const std::string& name, ByteCount size);
  void Chmod(const std::string& name, mode_t mode);
  void SetAttribute(const std::string& name, std::string_view value);
  void Unlink(const std::string& name);
  /// Returns when the bucket has seen all unlinks.
  void FinishRemovals();
  void Rename(const std::string& from, const std::string& to);
  void MakeLink(const std::string& name);
  void MakeDirectory(const std::string& name);
  void RemoveDirectory(const std::string& name);
  Result<> RenameDirectory(const std::string& from, const std::string& to);

  // What happens to it.
  /// By another client.
  void PutObject(const ObjectKey& key, std::string_view bytes);
  /// From now on nothing gets to the store.
  void StopStore() { store_.StopAnswering(); }
  /// The same, but from the next DELETE on.
  void StopStoreAtDelete();
  /// Each PUT from now on is refused.
  void RefusePuts();
  /// Nothing is synced to the disk any more; what waits for that waits.
  void StopSyncs() { disk_->FailSyncs(); }
  /// Returns when the disk has synced something since `syncs`.
  void WaitForSync(size_t syncs) const;
  size_t syncs() const { return disk_->syncs(); }
  /// The process gets nothing done any more from its `count`-th request of that kind on, which is not carried out.
  void DieAt(StoreOperation operation, int count);

  /// Ends the mount as a user does, with all obstacles gone: what is open is closed, everything is stored.
  void EndWell();
  /// Ends it by a loss, starts another one, and ends that well. `seed`: which of the blocks that were not synced are
  /// there all the same.
  void Lose(Loss loss, uint64_t seed);

  Objects objects() const;
  /// The bytes of what waits for `cosfuse recover`, by key.
  std::map<std::string, std::string> kept();

 private:
  void Start();
  void Stop();
  void Settle();
  NodeId Directory(const std::string& name);
  NodeId Find(const std::string& name);

  const MountMode mode_;
  const Caller caller_{.uid = 0, .gid = 0, .pid = 1, .umask = 022};
  PatientClock clock_;
  FakeObjectStore bucket_{clock_};
  FaultyObjectStore store_{bucket_, clock_};
  SeededRandom random_{1};
  std::unique_ptr<FakeDisk> disk_;
  uint64_t boots_ = 1;
  std::atomic<int> requests_ = 0;  // Of those that DieAt counts.
  std::shared_ptr<Cancellation> killed_;
  OpContext context_;  // Of the program's calls.

  Recovered recovered_;
  std::unique_ptr<FileCache> cache_;
  std::unique_ptr<FileSystem> fs_;
  std::set<HandleId> open_;
};

}  // namespace cosfuse::testing
