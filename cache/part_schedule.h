#pragma once

#include <cstdint>

#include "base/byte_range.h"

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

/// The lengths of the parts of a file that is sent before its size is known. They grow, so that 10,000 of them hold the
/// largest object and a small file does not wait for large parts. Pure.
class PartSchedule {
 public:
  /// `first` is moved into the limits.
  explicit PartSchedule(ByteCount first, const UploadLimits& limits = {});

  /// Length of part `index`, from 0.
  ByteCount LengthOf(uint64_t index) const;
  ByteCount first() const { return first_; }

 private:
  ByteCount first_;
  ByteCount largest_;
  uint64_t parts_of_one_length_;
};

}  // namespace cosfuse
