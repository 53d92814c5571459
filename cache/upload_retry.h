#pragma once

#include <optional>

#include "base/clock.h"
#include "base/error.h"

namespace cosfuse {

/// Whether and when an upload that nobody waits for is tried again after its `failures`-th failure in a row (from 1).
///
/// Nothing where time mends nothing: the bytes can never be that object, or a person has to decide. Else a back-off
/// that doubles from one second to a minute, of which `jitter` in [0, 1) takes off up to half, so that many files do
/// not come back at one moment. The store's own retries lie within each attempt.
std::optional<Duration> DecideUploadRetry(ErrorCode code, int failures, double jitter);

/// Whether an upload that failed so may have been carried out all the same: unless it was refused, there or here.
bool MayBeStoredAfter(ErrorCode code);

}  // namespace cosfuse
