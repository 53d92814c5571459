#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/disk.h"
#include "base/mutex.h"

namespace cosfuse {

/// A disk in memory with a capacity, in blocks of 4 KiB as real ones have them. A write that does not fit leaves
/// behind what did, as a real one may. Files must be gone before the disk. Thread-safe.
class FakeDisk final : public Disk {
 public:
  static constexpr ByteCount kBlock = 4 * kKiB;

  explicit FakeDisk(ByteCount capacity = kGiB) : capacity_(capacity) {}

  Result<std::unique_ptr<DiskFile>> CreateUnnamed() override;
  /// Named files take no room.
  Result<std::string> ReadSmallFile(const std::string& path, ByteCount limit) override;
  Result<> ReplaceSmallFile(const std::string& path, std::string_view text) override;
  Result<ByteCount> FreeBytes() const override;

  /// From now on no named file can be replaced.
  void FailReplacements();
  void SetCapacity(ByteCount capacity);
  ByteCount used() const;
  size_t open_files() const;

 private:
  class File;

  mutable Mutex mutex_;
  ByteCount capacity_ GUARDED_BY(mutex_);
  ByteCount used_ GUARDED_BY(mutex_) = 0;
  size_t open_files_ GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::string> named_ GUARDED_BY(mutex_);
  bool replacements_fail_ GUARDED_BY(mutex_) = false;
};

}  // namespace cosfuse
