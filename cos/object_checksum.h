#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "http/transport.h"

namespace cosfuse {

/// The checksum that the store sent for the whole of an object, held against the bytes as they come by. A value type.
class ObjectChecksum {
 public:
  /// From the header of an answer; nothing where it has none, or only one that is not of the bytes themselves (a
  /// composition of parts' checksums, "...-N") or is not computed here. CRC-32C is preferred: it costs least.
  static std::optional<ObjectChecksum> FromHeaders(const HttpHeaders& headers);

  /// The next bytes of the object, in order.
  void Extend(std::span<const std::byte> data);
  /// Whether the bytes so far are those of the whole object.
  bool Matches() const;

 private:
  enum class Algorithm { kCrc32c, kCrc64Nvme };
  ObjectChecksum(Algorithm algorithm, std::string expected) : algorithm_(algorithm), expected_(std::move(expected)) {}

  Algorithm algorithm_;
  std::string expected_;  ///< In base64, as it was sent.
  uint64_t crc_ = 0;
};

}  // namespace cosfuse
