#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/mutex.h"
#include "emulator/latency.h"
#include "emulator/wire/pacer.h"

namespace cosfuse::emulator {

enum class ServiceKind { kCos, kIam };

/// How the network between the client and the services behaves now. Thread-safe.
class NetworkConditions {
 public:
  /// The requests that come from now on are counted from 0 for it.
  void SetLatency(const LatencyModel& model) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    model_ = model;
    drawn_ = 0;
    any_latency_.store(!model.none());
  }
  /// How long the next request waits before it is carried out.
  Duration NextLatency() EXCLUDES(mutex_) {
    if (!any_latency_.load()) return Duration::zero();
    MutexLock lock(mutex_);
    return DrawLatency(model_, drawn_++);
  }

  /// How long a new TLS connection waits for the first answer to its handshake.
  void SetHandshakeDelay(Duration delay) { handshake_delay_.store(delay); }
  Duration handshake_delay() const { return handshake_delay_.load(); }

  /// A black hole accepts requests and never answers them; the ones it holds are dropped when it ends.
  void SetBlackHole(ServiceKind service, bool on) { FlagOf(service).store(on); }
  bool Swallows(ServiceKind service) const { return service == ServiceKind::kCos ? cos_hole_ : iam_hole_; }

  Pacer& pacer() { return pacer_; }

 private:
  std::atomic<bool>& FlagOf(ServiceKind service) { return service == ServiceKind::kCos ? cos_hole_ : iam_hole_; }

  std::atomic<bool> any_latency_{false};  // Spares requests the lock while there is none.
  std::atomic<Duration> handshake_delay_{Duration::zero()};
  std::atomic<bool> cos_hole_{false};
  std::atomic<bool> iam_hole_{false};
  Pacer pacer_;

  Mutex mutex_;
  LatencyModel model_ GUARDED_BY(mutex_);
  uint64_t drawn_ GUARDED_BY(mutex_) = 0;
};

}  // namespace cosfuse::emulator
