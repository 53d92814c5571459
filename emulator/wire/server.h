#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "emulator/wire/acceptor.h"
#include "emulator/wire/message.h"
#include "emulator/wire/pacer.h"
#include "emulator/wire/parking.h"

struct MHD_Daemon;

namespace cosfuse::emulator {

/// Private key and certificate chain of a TLS server, PEM.
struct TlsIdentity {
  std::string key_pem;
  std::string certificate_pem;
};

/// HTTP/1.1 over real sockets: a few threads with epoll, each the owner of many connections; none of them ever waits
/// for one. Hands requests to a RequestHandler, bodies piece by piece as they arrive, and sends bodies without copying
/// them. A request that is refused early is read to its end first, so that its connection stays usable and the client
/// sees the answer; with `Expect: 100-continue` the answer comes at once. Thread-safe.
class Server {
 public:
  struct Options {
    std::string address = "127.0.0.1";  ///< IPv4.
    uint16_t port = 0;                  ///< 0: the kernel chooses one.
    unsigned threads = 0;               ///< 0: two for each processor.
    std::optional<TlsIdentity> tls;
    Acceptor::Delay handshake_delay = [] { return Duration::zero(); };  ///< Before the first byte of each connection.
  };

  /// All must outlive the server; `clock` is the machine's.
  Server(RequestHandler& handler, Pacer& pacer, const Clock& clock)
      : handler_(handler), pacer_(pacer), clock_(clock), parking_(clock) {}
  /// Drops all connections.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves requests from now on. Call it once. Errors: kInvalidArgument (the address), kUnavailable (it cannot listen
  /// there).
  Result<> Listen(const Options& options);
  uint16_t port() const { return port_; }
  /// Asks every held request anew (Exchange::Admit).
  void WakeHeld() { parking_.WakeHeld(); }

 private:
  friend struct ServerCallbacks;

  /// Has libmicrohttpd serve what an acceptor hands over.
  Result<> StartAcceptor(FileDescriptor listening, const Acceptor::Delay& delay);

  RequestHandler& handler_;
  Pacer& pacer_;
  const Clock& clock_;
  Parking parking_;
  MHD_Daemon* daemon_ = nullptr;
  uint16_t port_ = 0;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace cosfuse::emulator
