#pragma once

#include <cstddef>
#include <memory>

#include "base/byte_range.h"

namespace cosfuse::emulator {

/// The largest piece of memory that a body is kept in.
inline constexpr ByteCount kSegmentBytes = 2 * kMiB;

/// Memory for `size` bytes, kSegmentBytes at most, with anything in it. Whole segments are huge pages where the kernel
/// has them, and some that were given back are kept for the next body: touching fresh memory costs more than receiving
/// the bytes does. Thread-safe.
std::shared_ptr<std::byte> NewSegment(ByteCount size);

}  // namespace cosfuse::emulator
