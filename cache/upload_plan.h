#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_range.h"
#include "base/error.h"

namespace cosfuse {

/// What the store takes. Source: COS documentation, "Store large objects" (5 MB to 5 GB a part but for the last, 10,000
/// parts, 10 TB an object) and "Upload an object" (5 GB in one request). Where units are doubtful the stricter reading
/// is taken.
struct UploadLimits {
  ByteCount smallest_part = 5 * kMiB;
  ByteCount largest_part = 5'000'000'000;
  uint64_t most_parts = 10'000;
  ByteCount largest_object = 10'000'000'000'000;
  /// IBM advises part sizes that are multiples of this.
  ByteCount part_multiple = 4 * kMiB;
};

/// The largest size that a file may have.
inline constexpr ByteCount kLargestObject = UploadLimits{}.largest_object;

/// How an object of known size goes up: in one request, or in parts.
struct UploadPlan {
  /// In order, without gaps. Empty: one single request.
  std::vector<ByteRange> parts;
  bool single() const { return parts.empty(); }
};

/// Plans an upload of `size` bytes: one request up to `part_size`, else parts of that size; both are moved into the
/// limits, and parts grow as the object needs it. Errors: kTooLarge.
Result<UploadPlan> PlanUpload(ByteCount size, ByteCount part_size, const UploadLimits& limits = {});

}  // namespace cosfuse
