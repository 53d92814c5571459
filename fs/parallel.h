#pragma once

#include <cstddef>
#include <functional>

#include "base/error.h"
#include "base/thread_pool.h"

namespace cosfuse {

/// Runs `call(0)` to `call(count - 1)`, up to `width` of them at a time, in the calling thread and threads of `pool`,
/// and returns when all that were begun have ended. After a failure no further one is begun; the first failure is the
/// result. Makes progress also while the pool is busy, since the caller does its share; calls must not use the same
/// pool this way. The calls end waits by their own contexts.
Result<> RunInParallel(ThreadPool& pool, size_t count, size_t width, const std::function<Result<>(size_t)>& call);

}  // namespace cosfuse
