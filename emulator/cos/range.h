#pragma once

#include <optional>
#include <string_view>

#include "base/byte_range.h"

namespace cosfuse::emulator {

/// What a Range header means for an object of a certain size.
struct RangeVerdict {
  enum class Kind {
    kWhole,  ///< No header, one that is not understood, or several ranges: the header is ignored (RFC 9110, 14.2).
    kPart,
    kUnsatisfiable,  ///< Starts at or past the end; every range of an empty object does.
  };
  Kind kind = Kind::kWhole;
  ByteRange range;
};

RangeVerdict ResolveRange(std::string_view header, ByteCount size);

/// x-amz-copy-source-range: `bytes=first-last`, both given, within the source. Nothing otherwise.
std::optional<ByteRange> ParseCopyRange(std::string_view header, ByteCount size);

}  // namespace cosfuse::emulator
