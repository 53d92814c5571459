#pragma once

#include <algorithm>
#include <cstdint>

namespace cosfuse {

/// A count of bytes, or a position in a file.
using ByteCount = uint64_t;

inline constexpr ByteCount kKiB = 1024;
inline constexpr ByteCount kMiB = 1024 * kKiB;
inline constexpr ByteCount kGiB = 1024 * kMiB;
inline constexpr ByteCount kTiB = 1024 * kGiB;

/// The nearest multiple of `multiple` that is not above, and not below, `value`.
constexpr ByteCount RoundDown(ByteCount value, ByteCount multiple) { return value / multiple * multiple; }
constexpr ByteCount RoundUp(ByteCount value, ByteCount multiple) { return RoundDown(value + multiple - 1, multiple); }

/// The bytes [offset, offset + length) of a file or object.
struct ByteRange {
  ByteCount offset = 0;
  ByteCount length = 0;

  ByteCount end() const { return offset + length; }
  bool empty() const { return length == 0; }
  bool Contains(ByteRange other) const { return other.offset >= offset && other.end() <= end(); }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;

  /// The common part; empty (at the later start) where there is none.
  ByteRange Intersect(ByteRange other) const {
    const ByteCount from = std::max(offset, other.offset);
    const ByteCount to = std::min(end(), other.end());
    return {from, to > from ? to - from : 0};
  }
  static ByteRange FromTo(ByteCount from, ByteCount to) { return {from, to > from ? to - from : 0}; }
};

}  // namespace cosfuse
