#pragma once

#include <vector>

#include "base/byte_range.h"

namespace cosfuse {

/// Where the bytes of a file are. What is in neither list is zeros.
struct ContentMap {
  std::vector<ByteRange> data;     ///< On this node. In order; neighbours are one.
  std::vector<ByteRange> missing;  ///< In the base version alone. The same.
  friend bool operator==(const ContentMap&, const ContentMap&) = default;
};

}  // namespace cosfuse
