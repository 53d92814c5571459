#pragma once

#include <cstddef>

#include "base/byte_range.h"

namespace cosfuse {

// What Object Storage takes. Source: COS documentation, "Object Storage limits" and "Storing large objects".

inline constexpr size_t kMaxKeyBytes = 1024;
inline constexpr size_t kMaxKeysPerDelete = 1000;
inline constexpr int kMaxKeysPerList = 1000;
inline constexpr ByteCount kMaxPutBytes = 5'000'000'000;
/// Documented for PUT alone; every S3 store has it for copies, too.
inline constexpr ByteCount kMaxCopyBytes = kMaxPutBytes;
inline constexpr int kMaxParts = 10'000;
/// Of one object.
inline constexpr size_t kMaxTags = 10;
/// Names, without `x-amz-meta-`, and values together.
inline constexpr ByteCount kMaxUserMetadataBytes = 2048;
/// Of every part but the last. The documentation says 5 MB; servers ask for 5 MiB.
inline constexpr ByteCount kMinPartBytes = 5 * kMiB;

}  // namespace cosfuse
