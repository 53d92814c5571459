#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"
#include "base/mutex.h"

namespace cosfuse {

/// A Disk with one small file, which can be replaced as kubelet does. Thread-safe.
class FakeTokenDisk final : public Disk {
 public:
  explicit FakeTokenDisk(std::string content = {}) : content_(std::move(content)) {}

  void SetContent(std::string content) EXCLUDES(mutex_);
  /// Reading fails so from now on; nothing: it works again.
  void SetError(std::optional<Error> error) EXCLUDES(mutex_);
  /// The paths that were read, in order.
  std::vector<std::string> reads() const EXCLUDES(mutex_);
  /// After the next reading the file has this content.
  void ReplaceAfterRead(std::string content) EXCLUDES(mutex_);

  Result<std::unique_ptr<DiskFile>> CreateUnnamed() override;
  Result<std::string> ReadSmallFile(const std::string& path, ByteCount limit) override EXCLUDES(mutex_);
  // It can only be read: the others are always kReadOnly.
  Result<> ReplaceSmallFile(const std::string& path, std::string_view text) override;
  Result<std::unique_ptr<DiskFile>> CreateFile(const std::string& path) override;
  Result<std::unique_ptr<DiskFile>> OpenFile(const std::string& path) override;
  Result<> RemoveFile(const std::string& path) override;
  Result<> RenameFile(const std::string& from, const std::string& to) override;
  Result<> LinkFile(const std::string& from, const std::string& to) override;
  Result<> MakeDirectory(const std::string& path) override;
  Result<std::vector<std::string>> ListNames(const std::string& path) override;
  Result<> SyncDirectory(const std::string& path) override;
  Result<ByteCount> FreeBytes() const override { return 0; }

 private:
  mutable Mutex mutex_;
  std::string content_ GUARDED_BY(mutex_);
  std::optional<std::string> next_content_ GUARDED_BY(mutex_);
  std::optional<Error> error_ GUARDED_BY(mutex_);
  std::vector<std::string> reads_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
