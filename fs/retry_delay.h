#pragma once

#include "base/clock.h"

namespace cosfuse {

/// How long to wait after the `failures`-th failure in a row (from 1) before something that nobody waits for is tried
/// again: from a second on, doubled each time, to about a minute.
Duration RetryDelay(int failures);

}  // namespace cosfuse
