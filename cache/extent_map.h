#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "base/byte_range.h"

namespace cosfuse {

/// A set of bytes, kept as sorted ranges. A plain value, not thread-safe.
///
/// Invariant: no range is empty, and between any two of them there is at least one byte that is not in the set.
class ExtentMap {
 public:
  /// Adds the range; ranges that overlap or touch become one.
  void Insert(ByteRange range);
  /// Takes the range out; a range that reaches over it is split.
  void Remove(ByteRange range);
  /// Takes out everything from `size` on.
  void RemoveFrom(ByteCount size);
  /// Adds all of another set.
  void InsertAll(const ExtentMap& other);

  bool empty() const { return ranges_.empty(); }
  /// Number of ranges.
  size_t count() const { return ranges_.size(); }
  /// Number of bytes.
  ByteCount total() const { return total_; }
  /// One past the last byte; 0 when empty.
  ByteCount end() const { return ranges_.empty() ? 0 : ranges_.rbegin()->second; }

  /// True if every byte of `range` is in the set; an empty range always is.
  bool Covers(ByteRange range) const;
  /// The bytes of `range` that are not in the set, in order.
  std::vector<ByteRange> Gaps(ByteRange range) const;
  /// The bytes of `range` that are in the set, in order.
  std::vector<ByteRange> Parts(ByteRange range) const;
  /// All ranges, in order.
  std::vector<ByteRange> ranges() const;
  /// The range that holds `offset`; empty where none does.
  ByteRange RangeAt(ByteCount offset) const;
  /// How many bytes from `offset` on are in the set without a gap.
  ByteCount ContiguousFrom(ByteCount offset) const;

  friend bool operator==(const ExtentMap&, const ExtentMap&) = default;

 private:
  using Map = std::map<ByteCount, ByteCount>;  // Start to end.
  /// The first range that ends after `offset`.
  Map::const_iterator FirstEndingAfter(ByteCount offset) const;

  Map ranges_;
  ByteCount total_ = 0;
};

}  // namespace cosfuse
