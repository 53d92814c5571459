#include "auth/fake_token_disk.h"

#include <utility>

namespace cosfuse {

void FakeTokenDisk::SetContent(std::string content) {
  MutexLock lock(mutex_);
  content_ = std::move(content);
}

void FakeTokenDisk::SetError(std::optional<Error> error) {
  MutexLock lock(mutex_);
  error_ = std::move(error);
}

void FakeTokenDisk::ReplaceAfterRead(std::string content) {
  MutexLock lock(mutex_);
  next_content_ = std::move(content);
}

std::vector<std::string> FakeTokenDisk::reads() const {
  MutexLock lock(mutex_);
  return reads_;
}

Result<std::unique_ptr<DiskFile>> FakeTokenDisk::CreateUnnamed() {
  return Fail(ErrorCode::kUnsupported, "no staging on this disk");
}

Result<std::string> FakeTokenDisk::ReadSmallFile(const std::string& path, ByteCount limit) {
  MutexLock lock(mutex_);
  reads_.push_back(path);
  if (error_) return Fail(*error_);
  if (content_.size() > limit) return Fail(ErrorCode::kTooLarge, path + " is too long");
  std::string content = content_;
  if (next_content_) content_ = *std::exchange(next_content_, std::nullopt);
  return content;
}

Result<> FakeTokenDisk::ReplaceSmallFile(const std::string& path, std::string_view /*text*/) {
  return Fail(ErrorCode::kReadOnly, path);
}

Result<std::unique_ptr<DiskFile>> FakeTokenDisk::CreateFile(const std::string& path) {
  return Fail(ErrorCode::kReadOnly, path);
}

Result<std::unique_ptr<DiskFile>> FakeTokenDisk::OpenFile(const std::string& path) {
  return Fail(ErrorCode::kReadOnly, path);
}

Result<> FakeTokenDisk::RemoveFile(const std::string& path) { return Fail(ErrorCode::kReadOnly, path); }

Result<> FakeTokenDisk::RenameFile(const std::string& from, const std::string& /*to*/) {
  return Fail(ErrorCode::kReadOnly, from);
}

Result<> FakeTokenDisk::LinkFile(const std::string& from, const std::string& /*to*/) {
  return Fail(ErrorCode::kReadOnly, from);
}

Result<> FakeTokenDisk::MakeDirectory(const std::string& path) { return Fail(ErrorCode::kReadOnly, path); }

Result<std::vector<std::string>> FakeTokenDisk::ListNames(const std::string& path) {
  return Fail(ErrorCode::kReadOnly, path);
}

Result<> FakeTokenDisk::SyncDirectory(const std::string& path) { return Fail(ErrorCode::kReadOnly, path); }

}  // namespace cosfuse
