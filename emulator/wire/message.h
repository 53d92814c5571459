#pragma once

#include <memory>
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

/// An answer as a value. The server adds Content-Length, and sends no body to a HEAD.
struct Reply {
  enum class Delivery {
    kSend,
    kDrop,  ///< The connection is reset instead.
  };

  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  Body body;
  Delivery delivery = Delivery::kSend;

  static Reply Text(int status, std::string_view content_type, std::string_view text) {
    return {status, {{"Content-Type", std::string(content_type)}}, Body::FromText(text), Delivery::kSend};
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
