#pragma once

#include <atomic>

#include "base/clock.h"
#include "emulator/wire/pacer.h"

namespace cosfuse::emulator {

enum class ServiceKind { kCos, kIam };

/// How the network between the client and the services behaves now. Thread-safe.
class NetworkConditions {
 public:
  /// Each request waits so long before it is carried out.
  void SetLatency(Duration latency) { latency_.store(latency); }
  Duration latency() const { return latency_.load(); }

  /// A black hole accepts requests and never answers them; the ones it holds are dropped when it ends.
  void SetBlackHole(ServiceKind service, bool on) { FlagOf(service).store(on); }
  bool Swallows(ServiceKind service) const { return service == ServiceKind::kCos ? cos_hole_ : iam_hole_; }

  Pacer& pacer() { return pacer_; }

 private:
  std::atomic<bool>& FlagOf(ServiceKind service) { return service == ServiceKind::kCos ? cos_hole_ : iam_hole_; }

  std::atomic<Duration> latency_{Duration::zero()};
  std::atomic<bool> cos_hole_{false};
  std::atomic<bool> iam_hole_{false};
  Pacer pacer_;
};

}  // namespace cosfuse::emulator
