#pragma once

#include <cstddef>

namespace cosfuse {

/// A hash table that was large once keeps its buckets. Call it after an erase: gives them back when few are used, and
/// so seldom that it costs nothing beside the erases. References to entries stay valid, iterators do not.
template <typename Table>
void ShrinkBuckets(Table& table) {
  constexpr size_t kWorthwhile = 65'536;
  constexpr size_t kSparse = 8;
  if (table.bucket_count() > kWorthwhile && table.size() * kSparse < table.bucket_count()) table.rehash(0);
}

}  // namespace cosfuse
