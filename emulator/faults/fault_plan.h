#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <optional>
#include <string_view>

#include "base/mutex.h"
#include "emulator/faults/fault_rule.h"

namespace cosfuse::emulator {

/// The rules in force, in the order in which they were added. Thread-safe.
class FaultPlan {
 public:
  void Add(FaultRule rule) EXCLUDES(mutex_);
  void Clear() EXCLUDES(mutex_);
  /// The fault of the first rule that hits this request, if any does. Rules behind that one do not see the request.
  std::optional<Fault> Take(Operation operation, std::string_view key) EXCLUDES(mutex_);

 private:
  struct Entry {
    FaultRule rule;
    uint64_t seen = 0;
    uint64_t hit = 0;
  };

  std::atomic<bool> any_{false};  // Spares requests the lock while there is nothing to inject.

  Mutex mutex_;
  std::list<Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse::emulator
