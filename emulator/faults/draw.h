#pragma once

#include <cstdint>

namespace cosfuse::emulator {

/// The `ordinal`th number of the sequence that belongs to `seed`, uniform in [0, 1). Random access, so that a decision
/// depends on nothing but the two. Pure.
/// Source: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
constexpr double Draw(uint64_t seed, uint64_t ordinal) {
  constexpr auto mix = [](uint64_t value) {
    value += 0x9E3779B97F4A7C15U;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31);
  };
  constexpr int kMantissaBits = 53;
  return static_cast<double>(mix(mix(seed) ^ ordinal) >> (64 - kMantissaBits)) /
         static_cast<double>(uint64_t{1} << kMantissaBits);
}

}  // namespace cosfuse::emulator
