#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <vector>

#include "base/byte_range.h"
#include "base/mutex.h"
#include "fs/file_system.h"

namespace cosfuse {

/// Which nodes were used last, for what is worth keeping with a node for a while but not for ever. Within a number of
/// entries and a total cost; what falls out is the caller's to drop. Thread-safe.
class RecencyList {
 public:
  struct Limits {
    size_t entries = 1024;
    ByteCount cost = 32 * kMiB;
  };
  explicit RecencyList(const Limits& limits) : limits_(limits) {}

  /// The node was used last. Returns the nodes that fall out, this one included if it alone is too costly.
  [[nodiscard]] std::vector<NodeId> Touch(NodeId node, ByteCount cost) EXCLUDES(mutex_);
  void Remove(NodeId node) EXCLUDES(mutex_);

 private:
  struct Entry {
    NodeId node;
    ByteCount cost;
  };
  void RemoveLocked(NodeId node) REQUIRES(mutex_);

  const Limits limits_;
  Mutex mutex_;
  ByteCount cost_ GUARDED_BY(mutex_) = 0;
  std::list<Entry> entries_ GUARDED_BY(mutex_);  ///< The last used first.
  std::unordered_map<NodeId, std::list<Entry>::iterator> index_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
