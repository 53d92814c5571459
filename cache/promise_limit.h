#pragma once

#include <cstddef>
#include <optional>

#include "base/clock.h"

namespace cosfuse {

/// What waits to be stored, of this process and the ones before it.
struct PromiseLoad {
  size_t files = 0;
  Duration oldest{};  ///< How long the first of them has been waiting.
};

/// From half of either on closes get slower, up to a second each, so that what is promised comes closer to what the
/// store takes. Files are a matter of memory: at the last of them closes wait for the store. Age is not: an outage
/// makes everything old, and to outlive it is what promises are for.
struct PromiseLimit {
  size_t files = 16'384;
  Duration oldest = std::chrono::minutes(10);
};

/// How long a close waits before it is promised. Nothing: it must not be, but wait for the store. Pure.
std::optional<Duration> DecidePromiseDelay(const PromiseLoad& load, const PromiseLimit& limit);

}  // namespace cosfuse
