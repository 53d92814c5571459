#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cosfuse {

/// A short name, 16 hex digits, for a list of texts: the same on each machine and in each version, which std::hash does
/// not promise. Where the division between the texts differs, so does the name. Not for secrets.
class StableHash {
 public:
  StableHash& Add(std::string_view text);
  std::string Hex() const;

 private:
  // FNV-1a. Source: http://www.isthe.com/chongo/tech/comp/fnv/
  uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace cosfuse
