#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"
#include "base/mutex.h"
#include "base/random.h"

namespace cosfuse {

/// A disk in memory with a capacity, in blocks of 4 KiB as real ones have them. A write that does not fit leaves
/// behind what did, as a real one may. It can end as a process or a node does: LoseUnsynced. Files must be gone before
/// the disk. Thread-safe.
class FakeDisk final : public Disk {
 public:
  static constexpr ByteCount kBlock = 4 * kKiB;

  explicit FakeDisk(ByteCount capacity = kGiB);
  ~FakeDisk() override;
  FakeDisk(const FakeDisk&) = delete;
  FakeDisk& operator=(const FakeDisk&) = delete;

  Result<std::unique_ptr<DiskFile>> CreateUnnamed() override;
  /// Small files that were replaced as a whole take no room, and are always synced.
  Result<std::string> ReadSmallFile(const std::string& path, ByteCount limit) override;
  Result<> ReplaceSmallFile(const std::string& path, std::string_view text) override;
  Result<std::unique_ptr<DiskFile>> CreateFile(const std::string& path) override;
  Result<std::unique_ptr<DiskFile>> OpenFile(const std::string& path) override;
  Result<> RemoveFile(const std::string& path) override;
  Result<> RenameFile(const std::string& from, const std::string& to) override;
  Result<> LinkFile(const std::string& from, const std::string& to) override;
  Result<> MakeDirectory(const std::string& path) override;
  Result<std::vector<std::string>> ListNames(const std::string& path) override;
  Result<> SyncDirectory(const std::string& path) override;
  Result<ByteCount> FreeBytes() const override;

  /// The node has lost its power: of what was not synced, names and blocks alike, each is there or not as `random`
  /// says. No file may be open.
  void LoseUnsynced(Random& random);

  /// From now on no small file can be replaced.
  void FailReplacements();
  /// From now on no file can be synced, or all can again.
  void FailSyncs(bool fail = true);
  void SetCapacity(ByteCount capacity);
  /// Called before each sync of a file or directory, with no lock held.
  void SetBeforeSync(std::function<void()> hook);
  ByteCount used() const;
  size_t open_files() const;
  size_t syncs() const;
  std::vector<std::string> file_names() const;

 private:
  struct Content;
  class File;

  Result<> BeginSync();

  mutable Mutex mutex_;
  ByteCount capacity_ GUARDED_BY(mutex_);
  ByteCount used_ GUARDED_BY(mutex_) = 0;
  size_t open_files_ GUARDED_BY(mutex_) = 0;
  size_t syncs_ GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::string> small_files_ GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<Content>> files_ GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<Content>> synced_files_ GUARDED_BY(mutex_);  // As the disk has the names.
  bool replacements_fail_ GUARDED_BY(mutex_) = false;
  bool syncs_fail_ GUARDED_BY(mutex_) = false;
  std::function<void()> before_sync_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
