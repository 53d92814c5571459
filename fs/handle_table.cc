#include "fs/handle_table.h"

#include <fcntl.h>

#include <utility>

namespace cosfuse {
namespace {

template <typename Map>
typename Map::mapped_type Extract(Map& handles, HandleId id) {
  const auto found = handles.find(id);
  if (found == handles.end()) return nullptr;
  auto handle = std::move(found->second);
  handles.erase(found);
  return handle;
}

}  // namespace

FileHandle::FileHandle(FileRef file, std::shared_ptr<CachedFile> bytes, int flags)
    : node(std::move(file)),
      content(std::move(bytes)),
      readable((flags & O_ACCMODE) != O_WRONLY),
      writable((flags & O_ACCMODE) != O_RDONLY),
      stores(writable || (flags & (O_TRUNC | O_CREAT)) != 0),
      append((flags & O_APPEND) != 0),
      marks_reads((flags & O_NOATIME) == 0) {}

FileHandle::Stream FileHandle::TakeStream() {
  {
    MutexLock lock(mutex_);
    if (!idle_.empty()) {
      Stream stream = std::move(idle_.back());
      idle_.pop_back();
      return stream;
    }
  }
  return MakeReadStream();
}

void FileHandle::ReturnStream(Stream stream) {
  MutexLock lock(mutex_);
  idle_.push_back(std::move(stream));
}

HandleId HandleTable::Add(std::shared_ptr<FileHandle> handle) {
  MutexLock lock(mutex_);
  const HandleId id{next_id_++};
  if (handle->stores) ++writers_;
  files_.emplace(id, std::move(handle));
  return id;
}

HandleId HandleTable::Add(std::shared_ptr<DirectoryStream> stream) {
  MutexLock lock(mutex_);
  const HandleId id{next_id_++};
  directories_.emplace(id, std::move(stream));
  return id;
}

Result<std::shared_ptr<FileHandle>> HandleTable::FindFile(HandleId id) const {
  MutexLock lock(mutex_);
  const auto found = files_.find(id);
  if (found == files_.end()) return Fail(ErrorCode::kBadHandle, "no such open file");
  return found->second;
}

Result<std::shared_ptr<DirectoryStream>> HandleTable::FindDirectory(HandleId id) const {
  MutexLock lock(mutex_);
  const auto found = directories_.find(id);
  if (found == directories_.end()) return Fail(ErrorCode::kBadHandle, "no such open directory");
  return found->second;
}

std::shared_ptr<FileHandle> HandleTable::RemoveFile(HandleId id) {
  MutexLock lock(mutex_);
  auto handle = Extract(files_, id);
  if (handle != nullptr && handle->stores) --writers_;
  return handle;
}

std::shared_ptr<DirectoryStream> HandleTable::RemoveDirectory(HandleId id) {
  MutexLock lock(mutex_);
  return Extract(directories_, id);
}

std::vector<FileRef> HandleTable::CopiesOf(const ObjectKey& key) const {
  std::vector<FileRef> copies;
  MutexLock lock(mutex_);
  for (const auto& [id, handle] : files_) {
    const auto source = handle->content->copied_from();
    if (source && source->key == key) copies.push_back(handle->node);
  }
  return copies;
}

size_t HandleTable::size() const {
  MutexLock lock(mutex_);
  return files_.size() + directories_.size();
}

size_t HandleTable::writers() const {
  MutexLock lock(mutex_);
  return writers_;
}

}  // namespace cosfuse
