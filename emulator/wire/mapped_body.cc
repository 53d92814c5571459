#include "emulator/wire/mapped_body.h"

#include <utility>

namespace cosfuse::emulator {

Result<MappedBody> MappedBody::Map(const Body& body) {
  MappedBody mapped;
  for (const Slice& slice : body.slices()) {
    ASSIGN_OR_RETURN(auto bytes, slice.chunk->Map(slice.range));
    mapped.pieces.emplace_back(bytes.get(), slice.range.length);
    mapped.pins.push_back(std::move(bytes));
  }
  return mapped;
}

}  // namespace cosfuse::emulator
