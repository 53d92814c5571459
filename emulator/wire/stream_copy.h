#pragma once

#include <cstddef>
#include <span>

namespace cosfuse::emulator {

/// Copies bytes that nobody reads soon: past the processor's caches where it can (x86-64), which spares it fetching the
/// lines that it overwrites and throwing out what the sockets are about to use. `to` has room for them and does not
/// overlap them.
void StreamCopy(std::byte* to, std::span<const std::byte> from);

}  // namespace cosfuse::emulator
