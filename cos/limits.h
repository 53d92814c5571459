#pragma once

#include <cstddef>

#include "base/byte_range.h"

namespace cosfuse {

// What Object Storage takes. Source: COS documentation, "Object Storage limits" and "Storing large objects".

inline constexpr size_t kMaxKeyBytes = 1024;
inline constexpr size_t kMaxKeysPerDelete = 1000;
inline constexpr int kMaxKeysPerList = 1000;
/// In one PUT and, though documented for PUT alone, in one copy.
inline constexpr ByteCount kMaxCopyBytes = 5'000'000'000;
inline constexpr int kMaxParts = 10'000;
/// Of every part but the last. The documentation says 5 MB; servers ask for 5 MiB.
inline constexpr ByteCount kMinPartBytes = 5 * kMiB;

}  // namespace cosfuse
