#pragma once

#include <string_view>

namespace cosfuse {

/// True for names by which programs exclude each other (`*.lock`, `*.lck`, `*.pid`, `lock`, `LOCK`): an exclusive
/// create of one is decided in the store at once, so that of all mounts exactly one wins. Pure.
bool LooksLikeALock(std::string_view name);

}  // namespace cosfuse
