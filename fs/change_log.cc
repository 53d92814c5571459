#include "fs/change_log.h"

#include <utility>

namespace cosfuse {

ChangeLog::Moment ChangeLog::Begin() {
  fetching_.insert(present_);
  return present_;
}

void ChangeLog::End(Moment moment) {
  const auto found = fetching_.find(moment);
  if (found != fetching_.end()) fetching_.erase(found);
  if (fetching_.empty()) changes_.clear();
}

void ChangeLog::Record(std::string_view name, std::optional<ListedName> now) {
  if (changes_.size() >= kMostNames) {
    RecordUnknown();
    return;
  }
  ++present_;
  if (fetching_.empty()) return;
  changes_.insert_or_assign(std::string(name), Change{present_, std::move(now)});
}

void ChangeLog::RecordUnknown() {
  changes_.clear();
  forgotten_ = ++present_;
}

bool ChangeLog::ChangedSince(Moment since, std::string_view name) const {
  if (!KnowsAllSince(since)) return true;
  const auto found = changes_.find(name);
  return found != changes_.end() && found->second.at > since;
}

bool ChangeLog::RemovedSince(Moment since, std::string_view name) const {
  const auto found = changes_.find(name);
  return found != changes_.end() && found->second.at > since && !found->second.now;
}

void ChangeLog::ApplyTo(Moment since, DirectoryListing& listing) const {
  for (const auto& [name, change] : changes_) {
    if (change.at <= since) continue;
    if (change.now) {
      listing.Put(*change.now);
    } else {
      listing.Remove(name);
    }
  }
}

}  // namespace cosfuse
