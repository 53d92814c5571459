#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "base/mutex.h"

namespace cosfuse {

/// Where randomness comes from: jitter, upload ids, seeds of tests. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;

  /// Uniform in [0, 1).
  double Uniform();
  /// `bytes` random bytes in lower-case hex.
  std::string Hex(size_t bytes);
};

/// The kernel's generator (getrandom).
class SystemRandom final : public Random {
 public:
  uint64_t Next() override;
};

/// The same sequence for the same seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  uint64_t Next() override;

 private:
  Mutex mutex_;
  std::mt19937_64 engine_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
