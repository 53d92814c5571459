#include "fs/fuse/raw_request.h"

#include <linux/fuse.h>

#include <cstring>

namespace cosfuse {
namespace {

static_assert(kOpcodeInit == FUSE_INIT && kOpcodeInterrupt == FUSE_INTERRUPT);

/// The structure at the start of `bytes`, or nothing where they are too few.
template <typename T>
std::optional<T> Read(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

/// INIT grew in protocol 7.36; older kernels send the first four fields only.
struct ShortInit {
  uint32_t major, minor, max_readahead, flags;
};

}  // namespace

std::optional<RawRequest> ParseRawRequest(std::span<const std::byte> message) {
  const auto header = Read<fuse_in_header>(message);
  if (!header) return std::nullopt;
  const auto body = message.subspan(sizeof(fuse_in_header));
  RawRequest request{.opcode = header->opcode, .unique = header->unique};
  switch (header->opcode) {
    case FUSE_WRITE: {
      const auto write = Read<fuse_write_in>(body);
      if (!write) return std::nullopt;
      request.kill_set_id = (write->write_flags & FUSE_WRITE_KILL_SUIDGID) != 0;
      break;
    }
    case FUSE_SETATTR: {
      const auto change = Read<fuse_setattr_in>(body);
      if (!change) return std::nullopt;
      request.kill_set_id = (change->valid & FATTR_KILL_SUIDGID) != 0;
      break;
    }
    case FUSE_OPEN: {
      const auto open = Read<fuse_open_in>(body);
      if (!open) return std::nullopt;
      request.kill_set_id = (open->open_flags & FUSE_OPEN_KILL_SUIDGID) != 0;
      break;
    }
    case FUSE_INTERRUPT: {
      const auto interrupt = Read<fuse_interrupt_in>(body);
      if (!interrupt) return std::nullopt;
      request.interrupted = interrupt->unique;
      break;
    }
    case FUSE_INIT: {
      const auto init = Read<ShortInit>(body);
      if (!init) return std::nullopt;
      request.init_flags = init->flags;
      break;
    }
    default: break;
  }
  return request;
}

}  // namespace cosfuse
