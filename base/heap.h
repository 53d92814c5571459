#pragma once

#include <optional>

#include "base/byte_range.h"

namespace cosfuse {

/// Bytes in the hands of malloc.
struct HeapUse {
  ByteCount in_use = 0;
  ByteCount free = 0;  ///< Freed, and maybe not given back to the system.
};

/// Walks over malloc's lists of free pieces: some milliseconds after a million frees. Thread-safe, as the next one.
HeapUse MeasureHeap();
/// Gives back the pages that nobody uses.
void ReturnFreeHeap();

/// Whether it is time for ReturnFreeHeap: malloc keeps most of what a large listing, or a walk over a million files,
/// has used for a while, and does not say what of it was given back. Pure; not thread-safe.
class HeapWatch {
 public:
  /// Less than this is kept for the next time.
  static constexpr ByteCount kWorthwhile = 8 * kMiB;

  /// True where so much has become free since the last time.
  bool MayReturn(const HeapUse& use);

 private:
  ByteCount known_free_ = 0;  ///< Given back already, as far as it is known.
};

}  // namespace cosfuse
