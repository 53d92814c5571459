#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "base/op_context.h"
#include "base/thread.h"
#include "emulator/iam/rsa_key.h"

namespace cosfuse::emulator {

/// Plays kubelet: keeps a projected service-account token in a directory, laid out and swapped as kubelet's
/// AtomicWriter does it (service-account-token -> ..data/service-account-token, ..data -> ..<time>), and renews it at
/// 80 % of its life. Thread-safe.
class Kubelet {
 public:
  struct Options {
    std::filesystem::path directory;
    std::string namespace_name = "default";
    std::string service_account = "default";
    std::string audience = "iam";
    Duration token_lifetime = std::chrono::hours(1);
  };

  /// `clock` must outlive it.
  Kubelet(Options options, RsaKey key, Clock& clock);
  ~Kubelet();
  Kubelet(const Kubelet&) = delete;
  Kubelet& operator=(const Kubelet&) = delete;

  /// Writes a new token now. Errors: kUnavailable, kInternal.
  Result<> Rotate() EXCLUDES(mutex_);
  /// Starts the renewal in the background.
  void Start();

  std::filesystem::path token_file() const;

 private:
  void RenewalLoop();

  const Options options_;
  const RsaKey key_;
  Clock& clock_;
  const std::shared_ptr<Cancellation> stop_ = std::make_shared<Cancellation>();

  Mutex mutex_;
  uint64_t rotations_ GUARDED_BY(mutex_) = 0;

  Thread thread_;
};

}  // namespace cosfuse::emulator
