#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/thread.h"

namespace cosfuse::emulator {

/// Accepts the connections of a listening socket in a thread of its own, and hands each on after a delay: to a client
/// of TLS the first answer to its handshake comes late. Without descriptors it tries again after a moment. Thread-safe.
class Acceptor {
 public:
  /// Called in the acceptor's thread.
  using Deliver = std::function<void(FileDescriptor connection)>;
  /// How long the next connection waits.
  using Delay = std::function<Duration()>;

  /// `listening` never blocks. `clock` is the machine's and must outlive the acceptor. Errors: kUnavailable.
  static Result<std::unique_ptr<Acceptor>> Start(FileDescriptor listening, Delay delay, const Clock& clock,
                                                 Deliver deliver);
  /// Closes the connections that still wait.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

 private:
  Acceptor(FileDescriptor listening, FileDescriptor stop, Delay delay, const Clock& clock, Deliver deliver);
  void Loop();
  /// False when there was none that could be accepted.
  bool AcceptAll();
  void DeliverDue();
  /// Until the next connection is due; nothing where none waits.
  std::optional<Duration> UntilDue() const;

  const FileDescriptor listening_;
  const FileDescriptor stop_;  ///< An eventfd that becomes readable at the end.
  const Delay delay_;
  const Clock& clock_;
  const Deliver deliver_;

  std::multimap<MonotonicTime, FileDescriptor> waiting_;  // The thread's own.

  Thread thread_;
};

}  // namespace cosfuse::emulator
