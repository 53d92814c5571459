#include "emulator/faults/fault_plan.h"

#include <utility>

namespace cosfuse::emulator {

void FaultPlan::Add(FaultRule rule) {
  if (rule.count == 0) return;
  MutexLock lock(mutex_);
  entries_.push_back({std::move(rule)});
  any_.store(true);
}

void FaultPlan::Clear() {
  MutexLock lock(mutex_);
  entries_.clear();
  any_.store(false);
}

std::optional<Fault> FaultPlan::Take(Operation operation, std::string_view key) {
  if (!any_.load()) return std::nullopt;
  MutexLock lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (!Concerns(entry->rule, operation, key) || !Hits(entry->rule, entry->seen++)) continue;
    Fault fault = entry->rule.fault;
    if (++entry->hit == entry->rule.count) entries_.erase(entry);
    any_.store(!entries_.empty());
    return fault;
  }
  return std::nullopt;
}

}  // namespace cosfuse::emulator
