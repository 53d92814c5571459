#include "fs/retry_delay.h"

#include <algorithm>
#include <chrono>

namespace cosfuse {
namespace {

constexpr int kMostDoublings = 6;

}  // namespace

Duration RetryDelay(int failures) {
  return std::chrono::seconds(1) * (1 << std::clamp(failures - 1, 0, kMostDoublings));
}

}  // namespace cosfuse
