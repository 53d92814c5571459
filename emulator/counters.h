#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "emulator/cos/operation.h"
#include "emulator/faults/fault.h"

namespace cosfuse::emulator {

/// What was asked of the services. A request counts when its head has arrived, so that one in a black hole counts too;
/// bytes and faults count when the request is answered. Bodies only. Thread-safe.
class Counters {
 public:
  void CountRequest(Operation operation) { requests_[static_cast<size_t>(operation)].fetch_add(1); }
  void CountBytes(uint64_t in, uint64_t out) {
    bytes_in_.fetch_add(in);
    bytes_out_.fetch_add(out);
  }
  void CountFault(Fault::Kind kind) { faults_[static_cast<size_t>(kind)].fetch_add(1); }
  void Reset() {
    for (auto& count : requests_) count.store(0);
    for (auto& count : faults_) count.store(0);
    bytes_in_.store(0);
    bytes_out_.store(0);
  }

  uint64_t requests(Operation operation) const { return requests_[static_cast<size_t>(operation)].load(); }
  uint64_t faults(Fault::Kind kind) const { return faults_[static_cast<size_t>(kind)].load(); }
  uint64_t bytes_in() const { return bytes_in_.load(); }
  uint64_t bytes_out() const { return bytes_out_.load(); }

 private:
  std::array<std::atomic<uint64_t>, kOperationCount> requests_{};
  std::array<std::atomic<uint64_t>, kFaultKinds.size()> faults_{};
  std::atomic<uint64_t> bytes_in_{0};
  std::atomic<uint64_t> bytes_out_{0};
};

}  // namespace cosfuse::emulator
