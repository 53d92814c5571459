#pragma once

#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"

namespace cosfuse {

/// The one place where the daemon's signals arrive: its main thread waits here, all other threads have them blocked
/// (base/thread.h). Also woken by Wake, for what is not a signal.
///
/// Wait belongs to one thread; Wake may be called by any thread.
class SignalInbox {
 public:
  enum class Event { kTerminate, kIgnored, kWoken, kTimeout };

  /// Blocks the signals in the calling thread. Errors: kUnavailable (no descriptors left).
  static Result<SignalInbox> Open();

  /// The next event: kTerminate for SIGTERM and SIGINT, kIgnored for any other signal, kWoken once after Wake was
  /// called, kTimeout after `timeout` (none: waits without limit).
  Event Wait(std::optional<Duration> timeout);
  /// Does not wait and takes no lock.
  void Wake();

 private:
  SignalInbox(FileDescriptor signals, FileDescriptor wake) : signals_(std::move(signals)), wake_(std::move(wake)) {}

  FileDescriptor signals_;
  FileDescriptor wake_;
};

}  // namespace cosfuse
