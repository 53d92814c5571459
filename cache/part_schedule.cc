#include "cache/part_schedule.h"

#include <algorithm>

namespace cosfuse {

PartSchedule::PartSchedule(ByteCount first, const UploadLimits& limits)
    : largest_(RoundDown(limits.largest_part, limits.part_multiple)),
      parts_of_one_length_(std::max<uint64_t>(limits.most_parts / 20, 1)) {
  const ByteCount smallest = RoundUp(limits.smallest_part, limits.part_multiple);
  first_ = RoundUp(std::clamp(first, smallest, largest_), limits.part_multiple);
}

ByteCount PartSchedule::LengthOf(uint64_t index) const {
  constexpr uint64_t kMostDoublings = 32;
  const uint64_t doublings = std::min(index / parts_of_one_length_, kMostDoublings);
  return std::min(first_ << doublings, largest_);
}

}  // namespace cosfuse
