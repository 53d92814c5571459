#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "fs/freshness.h"

namespace cosfuse {

/// Names of one directory that the store did not have, and since when. Bounded: full, it forgets everything. Not
/// thread-safe.
class RecentAbsences {
 public:
  static constexpr size_t kMostNames = 256;

  void Put(std::string_view name, MonotonicTime at) {
    if (names_.size() >= kMostNames) names_.clear();
    names_.insert_or_assign(std::string(name), at);
  }
  void Remove(std::string_view name) {
    if (const auto found = names_.find(name); found != names_.end()) names_.erase(found);
  }
  void Clear() { names_.clear(); }
  Evidence Get(std::string_view name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? Evidence() : Evidence(found->second);
  }

 private:
  std::map<std::string, MonotonicTime, std::less<>> names_;
};

}  // namespace cosfuse
