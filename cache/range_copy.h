#pragma once

#include <optional>

#include "base/byte_range.h"

namespace cosfuse {

/// A request to copy bytes of one file into another one.
struct RangeCopy {
  ByteCount source_size = 0;
  ByteCount from = 0;
  ByteCount to = 0;
  ByteCount length = 0;
  ByteCount target_size = 0;
  bool source_is_stored = false;         ///< All its bytes are one version in the store.
  bool target_is_source_prefix = false;  ///< The target holds the first bytes of that very version, and nothing else.
};

/// How many bytes the target can take over as bytes of the source's version, for the store to copy when the target is
/// stored; nothing: they have to be read and written. Taken over is what makes or continues a copy of the whole from
/// its beginning, as the pieces of copy_file_range come, of a source from `least` bytes on: a smaller one is read and
/// written with fewer requests. Pure.
std::optional<ByteCount> DecideRangeCopy(const RangeCopy& copy, ByteCount least);

}  // namespace cosfuse
