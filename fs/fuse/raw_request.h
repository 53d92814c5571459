#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cosfuse {

/// What a message from the kernel says that libfuse 3.14 does not pass on to the operations.
/// Source: include/uapi/linux/fuse.h.
struct RawRequest {
  uint32_t opcode = 0;
  uint64_t unique = 0;  ///< The kernel's number of the request; never used again.
  /// The caller may not keep the file's setuid and setgid bits (WRITE, SETATTR of the size, OPEN with O_TRUNC).
  bool kill_set_id = false;
  /// INTERRUPT: the unique of the request that its caller wants to give up.
  uint64_t interrupted = 0;
  /// INIT: what the kernel offers.
  uint32_t init_flags = 0;
};

inline constexpr uint32_t kOpcodeInit = 26;
inline constexpr uint32_t kOpcodeInterrupt = 36;

/// Reads a message's header and the fields above; nothing when it is shorter than its operation demands. Pure.
std::optional<RawRequest> ParseRawRequest(std::span<const std::byte> message);

}  // namespace cosfuse
