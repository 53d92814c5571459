#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/mutex.h"

namespace cosfuse {

/// Buffers that come and go with requests of up to a MiB: a few free large ones are kept, so that the hot path neither
/// asks the allocator nor clears memory. Thread-safe. Must outlive its buffers.
class BufferPool {
 public:
  class Returner {
   public:
    Returner() = default;
    explicit Returner(BufferPool* pool) : pool_(pool) {}
    void operator()(std::byte* memory) const;

   private:
    BufferPool* pool_ = nullptr;
  };
  /// Goes back to the pool by itself.
  using Buffer = std::unique_ptr<std::byte[], Returner>;

  BufferPool(size_t buffer_size, size_t keep) : buffer_size_(buffer_size), keep_(keep) {}
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// A buffer of buffer_size() bytes.
  Buffer Take() EXCLUDES(mutex_);
  /// One of at least `size` bytes; a small or an oversized one does not come from the pool.
  Buffer TakeFor(size_t size) EXCLUDES(mutex_);
  size_t buffer_size() const { return buffer_size_; }
  /// A figure for tests.
  size_t free_buffers() const EXCLUDES(mutex_);

 private:
  void Return(std::unique_ptr<std::byte[]> memory) EXCLUDES(mutex_);

  const size_t buffer_size_;
  const size_t keep_;
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<std::byte[]>> free_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
