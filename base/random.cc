#include "base/random.h"

#include <sys/random.h>

#include <cstdlib>

namespace cosfuse {

double Random::Uniform() {
  constexpr int kMantissaBits = 53;
  return static_cast<double>(Next() >> (64 - kMantissaBits)) / static_cast<double>(uint64_t{1} << kMantissaBits);
}

std::string Random::Hex(size_t bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  uint64_t pool = 0;
  for (size_t i = 0; i < bytes; ++i) {
    if (i % sizeof(pool) == 0) pool = Next();
    text += kDigits[(pool >> 4) & 0xf];
    text += kDigits[pool & 0xf];
    pool >>= 8;
  }
  return text;
}

uint64_t SystemRandom::Next() {
  uint64_t value = 0;
  // Requests of up to 256 bytes are never cut short or interrupted once the pool is ready (getrandom(2)).
  if (getrandom(&value, sizeof(value), 0) != sizeof(value)) std::abort();
  return value;
}

uint64_t SeededRandom::Next() {
  MutexLock lock(mutex_);
  return engine_();
}

}  // namespace cosfuse
