#pragma once

#include <vector>

#include "base/byte_range.h"

namespace cosfuse {

/// Which bytes of a file the base version has at the same place.
struct KeptBytes {
  std::vector<ByteRange> ranges;  ///< In order; neighbours are one.
  ByteCount missing = 0;          ///< How many of them are not here, too, and would have to be fetched.
};

}  // namespace cosfuse
