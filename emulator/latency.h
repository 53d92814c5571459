#pragma once

#include <cstdint>

#include "base/clock.h"

namespace cosfuse::emulator {

/// How long requests wait: `base`, and up to `jitter` more, evenly spread; a share of `tail_rate` of them waits `tail`
/// longer still. A plain value.
struct LatencyModel {
  Duration base{};
  Duration jitter{};
  double tail_rate = 0;
  Duration tail{};
  uint64_t seed = 1;

  bool none() const { return base == Duration::zero() && jitter == Duration::zero() && tail_rate == 0; }
};

/// The wait of the `ordinal`th request; the same for the same seed. Pure.
Duration DrawLatency(const LatencyModel& model, uint64_t ordinal);

}  // namespace cosfuse::emulator
