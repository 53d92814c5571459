#pragma once

#include "base/clock.h"
#include "cache/cached_file.h"
#include "fs/file_system.h"

namespace cosfuse {

/// Ends a mount's writing: nothing new may be changed, what is open for writing may be finished and closed, and what is
/// dirty is sent, until `deadline`. Each five seconds a line in the log says what is left. Then nothing may be changed
/// at all: the mount can be taken away.
///
/// True when every byte and every attribute is in the store, and no directory is half renamed; false when the deadline
/// came first: the log then says what stayed behind. Returns early when nothing is open for writing and nothing is
/// dirty. Blocks; call it with no lock held.
bool DrainMount(FileSystem& file_system, FileCache& cache, Clock& clock, MonotonicTime deadline);

}  // namespace cosfuse
