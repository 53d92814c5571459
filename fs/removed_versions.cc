#include "fs/removed_versions.h"

#include <algorithm>
#include <chrono>

namespace cosfuse {
namespace {

WallTime WholeSeconds(WallTime time) { return std::chrono::floor<std::chrono::seconds>(time); }

}  // namespace

Duration ClockAhead(WallTime answered_at, WallTime asked_at) {
  return answered_at == WallTime() ? std::chrono::minutes(1) : answered_at - asked_at;
}

bool IsRemoved(const JournaledRemoval& removal, const ETag& etag, WallTime modified, Duration ahead) {
  if (removal.etag != etag) return false;
  if (removal.modified) return WholeSeconds(*removal.modified) == WholeSeconds(modified);
  return modified <= removal.removed_at + ahead + std::chrono::seconds(1);
}

void RemovedVersions::Add(const ObjectKey& key, const JournaledRemoval& removal) {
  MutexLock lock(mutex_);
  versions_.emplace(key, Removed{.removal = removal});
}

void RemovedVersions::End(const ObjectKey& key) {
  MutexLock lock(mutex_);
  const auto [begin, end] = versions_.equal_range(key);
  const auto open = std::find_if(begin, end, [](const auto& each) { return !each.second.ended_at; });
  if (open == end) return;
  if (asked_.empty()) {
    versions_.erase(open);
    return;
  }
  open->second.ended_at = ++now_;
  ended_.push_back(open);
}

RemovedVersions::Question::Question(RemovedVersions& removed, WallTime now)
    : removed_(removed), asked_at_(now), place_([&removed] {
        MutexLock lock(removed.mutex_);
        removed.asked_.insert(++removed.now_);
        return removed.now_;
      }()) {}

RemovedVersions::Question::~Question() {
  MutexLock lock(removed_.mutex_);
  removed_.asked_.erase(removed_.asked_.find(place_));
  auto& ended = removed_.ended_;
  while (!ended.empty() && (removed_.asked_.empty() || *ended.front()->second.ended_at < *removed_.asked_.begin())) {
    removed_.versions_.erase(ended.front());
    ended.pop_front();
  }
}

bool RemovedVersions::Question::Hides(const ObjectKey& key, const ETag& etag, WallTime modified,
                                      WallTime answered_at) const {
  const Duration ahead = ClockAhead(answered_at, asked_at_);
  MutexLock lock(removed_.mutex_);
  const auto [begin, end] = removed_.versions_.equal_range(key);
  return std::any_of(begin, end, [&](const auto& each) {
    const Removed& removed = each.second;
    return (!removed.ended_at || *removed.ended_at > place_) && IsRemoved(removed.removal, etag, modified, ahead);
  });
}

size_t RemovedVersions::CountBelow(std::string_view prefix) const {
  MutexLock lock(mutex_);
  size_t count = 0;
  for (auto at = versions_.lower_bound(ObjectKey(prefix)); at != versions_.end() && at->first.starts_with(prefix); ++at)
    ++count;
  return count;
}

size_t RemovedVersions::size() const {
  MutexLock lock(mutex_);
  return versions_.size();
}

}  // namespace cosfuse
