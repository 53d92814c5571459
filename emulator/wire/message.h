#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "emulator/wire/body.h"
#include "emulator/wire/headers.h"

namespace cosfuse::emulator {

/// What stands before a request's body. `target` is as it came over the wire: percent-encoded, with the query.
struct RequestHead {
  std::string method;
  std::string target;
  Headers headers;
  bool from_loopback = false;
};

/// What goes wrong with an answer's body on its way.
struct Mishap {
  struct Pause {
    ByteCount at = 0;   ///< The first byte that comes after it.
    Duration length{};  ///< 0: nothing comes any more; the connection is dropped when Server::WakeHeld is called.
  };
  std::vector<Pause> pauses;        ///< In the order of their places.
  std::optional<ByteCount> cut_at;  ///< The connection ends before this byte.
  std::optional<ByteCount>
      announced;             ///< The Content-Length, whatever the body has. So many bytes are sent, if there are.
  bool unannounced = false;  ///< There is no Content-Length: the body comes in chunks.

  bool none() const { return pauses.empty() && !cut_at && !announced && !unannounced; }
};

/// An answer as a value. The server adds Content-Length, and sends no body to a HEAD.
struct Reply {
  enum class Delivery {
    kSend,
    kReset,    ///< The connection is reset instead.
    kSwallow,  ///< Nothing is sent; the connection is reset when Server::WakeHeld is called.
  };

  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  Body body;
  Delivery delivery = Delivery::kSend;
  Mishap mishap;

  static Reply Text(int status, std::string_view content_type, std::string_view text) {
    return {status, {{"Content-Type", std::string(content_type)}}, Body::FromText(text), Delivery::kSend, {}};
  }
};

/// What happens to a request that has arrived wholly.
struct Admission {
  enum class Verdict {
    kAnswer,  ///< Now.
    kDelay,   ///< Ask again at `until`.
    kHold,    ///< Ask again when Server::WakeHeld is called.
    kDrop,    ///< Never: the connection is reset.
  };
  Verdict verdict = Verdict::kAnswer;
  MonotonicTime until{};
};

/// One request on its way through the emulator, from its head to its answer. Called by one server thread at a time.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// The answer is an error whatever the body says, so a client that asked with `Expect: 100-continue` gets it at once.
  virtual bool refused() const = 0;
  /// A piece of the body. Never blocks on the network.
  virtual void Consume(std::span<const std::byte> piece) = 0;
  /// Asked once the body is complete, and again after each wait.
  virtual Admission Admit(MonotonicTime now) = 0;
  /// Carries the request out. Called once.
  virtual Reply Finish() = 0;
  /// Whether the bandwidth limit applies.
  virtual bool paced() const = 0;
};

/// What the server serves. Thread-safe.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual std::unique_ptr<Exchange> Begin(RequestHead head) = 0;
};

}  // namespace cosfuse::emulator
