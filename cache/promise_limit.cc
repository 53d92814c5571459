#include "cache/promise_limit.h"

#include <algorithm>

namespace cosfuse {

std::optional<Duration> DecidePromiseDelay(const PromiseLoad& load, const PromiseLimit& limit) {
  constexpr Duration kLongest = std::chrono::seconds(1);
  if (load.files >= limit.files) return std::nullopt;
  const double files = static_cast<double>(load.files) / static_cast<double>(limit.files);
  const double age = static_cast<double>(load.oldest.count()) / static_cast<double>(limit.oldest.count());
  const double beyond_half = std::clamp(2 * std::max(files, age) - 1, 0.0, 1.0);
  return std::chrono::duration_cast<Duration>(beyond_half * kLongest);
}

}  // namespace cosfuse
