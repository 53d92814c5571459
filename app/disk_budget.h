#pragma once

#include <optional>

#include "base/byte_range.h"

namespace cosfuse {

/// What a mount may use of its cache directory's disk: nine tenths of what is there for it, and no more than nine
/// tenths of what the pod may write locally: beyond that kubelet evicts it, where a full disk would be an error that
/// programs see. `available`: what is free, and what an earlier process has left there. Pure.
ByteCount DecideDiskBudget(ByteCount available, std::optional<ByteCount> ephemeral_storage);

}  // namespace cosfuse
