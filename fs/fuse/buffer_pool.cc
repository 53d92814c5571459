#include "fs/fuse/buffer_pool.h"

#include <utility>

namespace cosfuse {

void BufferPool::Returner::operator()(std::byte* memory) const {
  std::unique_ptr<std::byte[]> owned(memory);
  if (pool_ != nullptr) pool_->Return(std::move(owned));
}

BufferPool::Buffer BufferPool::TakeFor(size_t size) {
  if (size > buffer_size_ / 4 && size <= buffer_size_) return Take();
  return Buffer(std::make_unique_for_overwrite<std::byte[]>(size).release(), Returner());
}

BufferPool::Buffer BufferPool::Take() {
  {
    const MutexLock lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<std::byte[]> memory = std::move(free_.back());
      free_.pop_back();
      return Buffer(memory.release(), Returner(this));
    }
  }
  return Buffer(std::make_unique_for_overwrite<std::byte[]>(buffer_size_).release(), Returner(this));
}

void BufferPool::Return(std::unique_ptr<std::byte[]> memory) {
  const MutexLock lock(mutex_);
  if (free_.size() < keep_) free_.push_back(std::move(memory));
}

size_t BufferPool::free_buffers() const {
  const MutexLock lock(mutex_);
  return free_.size();
}

}  // namespace cosfuse
