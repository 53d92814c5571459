#include "emulator/wire/segments.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>
#include <vector>

#include "base/mutex.h"

namespace cosfuse::emulator {
namespace {

/// 512 MiB: what four uploads of 64 MiB at a time leave and need again.
constexpr size_t kMostKept = 256;

/// Whole segments that nobody uses. Thread-safe; lives as long as the process.
class FreeSegments {
 public:
  std::byte* Take() EXCLUDES(mutex_) {
    {
      MutexLock lock(mutex_);
      if (!free_.empty()) {
        std::byte* const kept = free_.back();
        free_.pop_back();
        return kept;
      }
    }
    void* const fresh = std::aligned_alloc(kSegmentBytes, kSegmentBytes);
    if (fresh == nullptr) throw std::bad_alloc();
    madvise(fresh, kSegmentBytes, MADV_HUGEPAGE);
    return static_cast<std::byte*>(fresh);
  }

  void Give(std::byte* segment) EXCLUDES(mutex_) {
    {
      MutexLock lock(mutex_);
      if (free_.size() < kMostKept) {
        free_.push_back(segment);
        return;
      }
    }
    std::free(segment);
  }

 private:
  Mutex mutex_;
  std::vector<std::byte*> free_ GUARDED_BY(mutex_);
};

FreeSegments& Free() {
  static auto* const segments = new FreeSegments;  // Bodies may outlive everything else.
  return *segments;
}

}  // namespace

std::shared_ptr<std::byte> NewSegment(ByteCount size) {
  if (size < kSegmentBytes) {
    return {std::make_unique_for_overwrite<std::byte[]>(size).release(), std::default_delete<std::byte[]>()};
  }
  return {Free().Take(), [](std::byte* segment) { Free().Give(segment); }};
}

}  // namespace cosfuse::emulator
