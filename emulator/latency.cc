#include "emulator/latency.h"

#include "emulator/faults/draw.h"

namespace cosfuse::emulator {

Duration DrawLatency(const LatencyModel& model, uint64_t ordinal) {
  const double share = Draw(model.seed, 2 * ordinal);
  Duration latency = model.base + std::chrono::duration_cast<Duration>(model.jitter * share);
  if (Draw(model.seed, 2 * ordinal + 1) < model.tail_rate) latency += model.tail;
  return latency;
}

}  // namespace cosfuse::emulator
