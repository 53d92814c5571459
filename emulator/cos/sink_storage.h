#pragma once

#include <memory>

#include "emulator/cos/storage.h"

namespace cosfuse::emulator {

/// Forgets the bytes of bodies and keeps everything else in memory: sizes, digests, attributes. Reading gives as many
/// zeros as there were bytes, so that sizes beyond the machine can be written and read.
std::unique_ptr<Storage> NewSinkStorage();

}  // namespace cosfuse::emulator
