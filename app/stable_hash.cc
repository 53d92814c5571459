#include "app/stable_hash.h"

#include <array>
#include <cstdio>

namespace cosfuse {

StableHash& StableHash::Add(std::string_view text) {
  constexpr uint64_t kPrime = 0x100000001b3;
  for (const char c : text) value_ = (value_ ^ static_cast<unsigned char>(c)) * kPrime;
  value_ *= kPrime;  // The end of a text is a byte of zero.
  return *this;
}

std::string StableHash::Hex() const {
  std::array<char, 17> hex{};
  std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(value_));
  return hex.data();
}

}  // namespace cosfuse
