#include "cache/range_copy.h"

#include <algorithm>

namespace cosfuse {

std::optional<ByteCount> DecideRangeCopy(const RangeCopy& copy, ByteCount least) {
  if (!copy.source_is_stored || copy.source_size < least) return std::nullopt;
  if (copy.from != copy.to || copy.to != copy.target_size) return std::nullopt;
  if (copy.target_size > 0 && !copy.target_is_source_prefix) return std::nullopt;
  return std::min(copy.length, copy.source_size - std::min(copy.from, copy.source_size));
}

}  // namespace cosfuse
