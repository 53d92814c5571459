#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "emulator/cos/object.h"

namespace cosfuse::emulator {

/// A slice of a chunk, by the chunk's name.
struct SliceRecord {
  std::string chunk;
  ByteRange range;
};

/// An object as its file in a directory storage tells it: everything but the bytes.
struct ObjectRecord {
  std::string key;
  Object object;  ///< Its body is empty.
  std::vector<SliceRecord> slices;
};

/// JSON. Keys and values are percent-encoded in it, since they may be any bytes. Pure.
std::string FormatObjectRecord(std::string_view key, const Object& object);
/// Errors: kCorrupt.
Result<ObjectRecord> ParseObjectRecord(std::string_view text);

}  // namespace cosfuse::emulator
