#pragma once

#include <deque>

#include "base/mutex.h"
#include "fs/node.h"

namespace cosfuse {

/// What a drop box wrote: keeps the nodes, and with them the names, alive after the kernel has forgotten them. Beyond a
/// number of nodes the oldest become unknown again. Thread-safe.
class WrittenNodes {
 public:
  static constexpr size_t kMostNodes = 65'536;

  void Add(NodeRef node) EXCLUDES(mutex_) {
    NodeRef oldest;  // Ends after the lock.
    MutexLock lock(mutex_);
    nodes_.push_back(std::move(node));
    if (nodes_.size() <= kMostNodes) return;
    oldest = std::move(nodes_.front());
    nodes_.pop_front();
  }

 private:
  Mutex mutex_;
  std::deque<NodeRef> nodes_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
