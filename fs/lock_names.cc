#include "fs/lock_names.h"

#include <algorithm>
#include <array>

namespace cosfuse {

bool LooksLikeALock(std::string_view name) {
  constexpr auto kNames = std::to_array<std::string_view>({"lock", "LOCK"});
  constexpr auto kSuffixes = std::to_array<std::string_view>({".lock", ".lck", ".pid"});
  return std::ranges::find(kNames, name) != kNames.end() ||
         std::ranges::any_of(kSuffixes, [&](std::string_view suffix) { return name.ends_with(suffix); });
}

}  // namespace cosfuse
