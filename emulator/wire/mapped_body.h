#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "emulator/wire/body.h"

namespace cosfuse::emulator {

/// The bytes of a body, readable for as long as this lives.
struct MappedBody {
  std::vector<std::shared_ptr<const std::byte>> pins;
  std::vector<std::span<const std::byte>> pieces;  ///< None of them empty.

  /// Errors: as Chunk::Map.
  static Result<MappedBody> Map(const Body& body);
};

}  // namespace cosfuse::emulator
