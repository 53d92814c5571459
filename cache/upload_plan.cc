#include "cache/upload_plan.h"

#include <algorithm>
#include <string>

namespace cosfuse {
Result<UploadPlan> PlanUpload(ByteCount size, ByteCount part_size, const UploadLimits& limits) {
  if (size > limits.largest_object) {
    return Fail(ErrorCode::kTooLarge, std::to_string(size) + " bytes are more than the largest possible object");
  }
  const ByteCount largest = limits.largest_part / limits.part_multiple * limits.part_multiple;
  const ByteCount smallest = RoundUp(limits.smallest_part, limits.part_multiple);
  const ByteCount needed = RoundUp((size + limits.most_parts - 1) / limits.most_parts, limits.part_multiple);
  const ByteCount wanted = RoundUp(std::clamp(part_size, smallest, largest), limits.part_multiple);
  const ByteCount part = std::max(wanted, needed);

  UploadPlan plan;
  if (size <= part) return plan;
  plan.parts.reserve(size / part + 1);
  for (ByteCount at = 0; at < size; at += part) plan.parts.push_back({at, std::min(part, size - at)});
  return plan;
}

}  // namespace cosfuse
