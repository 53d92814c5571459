#include "fs/recency_list.h"

namespace cosfuse {

std::vector<NodeId> RecencyList::Touch(NodeId node, ByteCount cost) {
  std::vector<NodeId> fallen;
  MutexLock lock(mutex_);
  RemoveLocked(node);
  entries_.push_front({node, cost});
  index_[node] = entries_.begin();
  cost_ += cost;
  while (entries_.size() > limits_.entries || cost_ > limits_.cost) {
    fallen.push_back(entries_.back().node);
    RemoveLocked(fallen.back());
  }
  return fallen;
}

void RecencyList::Remove(NodeId node) {
  MutexLock lock(mutex_);
  RemoveLocked(node);
}

void RecencyList::RemoveLocked(NodeId node) {
  const auto found = index_.find(node);
  if (found == index_.end()) return;
  cost_ -= found->second->cost;
  entries_.erase(found->second);
  index_.erase(found);
}

}  // namespace cosfuse
