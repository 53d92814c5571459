#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file_descriptor.h"

namespace cosfuse {

/// What supervisor and daemon tell each other, over a pair of SOCK_SEQPACKET sockets: each message is one packet.
struct SupervisorMessage {
  enum class Kind : uint8_t {
    kReady,        ///< From the daemon: the mount works.
    kUnmount,      ///< From the daemon: take the mount out of the tree, and answer.
    kUnmounted,    ///< The answer; `text` is empty, or says what went wrong.
    kTermination,  ///< From the supervisor: it was asked to end at `time`.
  };
  Kind kind;
  MonotonicTime time;
  std::string text;
};

/// Sends without waiting; false when the other side is gone.
bool SendMessage(const FileDescriptor& socket, const SupervisorMessage& message);

/// The next message, for which it waits up to `timeout`. kTimedOut: none came; kUnavailable: the other side is gone.
Result<SupervisorMessage> ReceiveMessage(const FileDescriptor& socket, Duration timeout);

/// The daemon's end. Not thread-safe: it belongs to the daemon's main thread.
class SupervisorLink {
 public:
  SupervisorLink(FileDescriptor socket, bool background);

  /// The mount works: a waiting `--background` returns, `run` starts its program. In the background, standard input
  /// and output, and standard error unless it is a file, become /dev/null. Call it once, after the last line that the
  /// caller's terminal is to see. A daemon that ends without it has failed: its exit code becomes the command's.
  void ReportReady();

  /// Has the supervisor, which kept the capabilities, unmount (detached where busy); returns when that is done, or,
  /// while the program of `run` lives, left to the end of that. Errors: kUnavailable (the supervisor is gone, or the
  /// kernel refuses), kTimedOut.
  Result<> Unmount();

  /// When the supervisor was first asked to end (SIGTERM, SIGINT): the drain's deadline counts from then, the program's
  /// own end included. Nothing if it never was, as when the program of `run` ended by itself.
  std::optional<MonotonicTime> TerminationTime();

 private:
  const FileDescriptor socket_;
  const bool background_;
  std::optional<MonotonicTime> termination_time_;
};

}  // namespace cosfuse
