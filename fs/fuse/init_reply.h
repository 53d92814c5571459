#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cosfuse {

/// Adds to the answer to INIT what libfuse 3.14 never asks for, as far as the kernel offered it:
///
/// - FUSE_PARALLEL_DIROPS: lookups in one directory run side by side, not one after another under its lock;
/// - FUSE_HANDLE_KILLPRIV_V2: the kernel does not ask for `security.capability` before each write; clearing the setuid
///   and setgid bits is then ours (set_id_bits.h).
///
/// `body` is what follows the header of the reply (fuse_init_out); one that is too short stays as it is. Pure.
/// Source: include/uapi/linux/fuse.h.
void PatchInitReply(std::span<std::byte> body, uint32_t offered_flags);

}  // namespace cosfuse
