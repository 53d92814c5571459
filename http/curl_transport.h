#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/transport.h"

namespace cosfuse {

class CurlLoop;
struct CurlSettings;

/// HTTP/1.1 through libcurl. A few network threads drive all requests, each thread with connections of its own that are
/// kept for later requests; sinks and sources are called by these threads with no lock held.
///
/// A request on a kept connection that turns out dead before a byte of the answer is sent once more by libcurl. Proxies
/// are taken from the environment (HTTPS_PROXY, NO_PROXY) for https to other machines only: a token in plain text, or
/// one for this machine, is never shown to a proxy. Thread-safe.
class CurlTransport final : public Transport {
 public:
  struct Options {
    size_t network_threads = 0;  ///< 0: one for each core, four at most.
    std::string ca_file;         ///< PEM; trusted instead of the system's certificates. Empty: those.
    Duration connect_timeout = std::chrono::seconds(5);  ///< Name look-up, TCP and TLS together.
    Duration stall_timeout = std::chrono::seconds(20);   ///< A transfer ends after so long without a byte moved.
    size_t max_connections_per_host = 256;               ///< Over all threads; requests beyond it wait their turn.
    std::string user_agent = "cosfuse";
    bool allow_http = false;  ///< Plain http also to hosts other than loopback.
  };

  /// `clock` outlives the transport. Throws std::bad_alloc where libcurl gets no memory.
  CurlTransport(Options options, const Clock& clock);
  /// No Send may be running any more.
  ~CurlTransport() override;

  /// Beyond what Transport says: kInvalidArgument for a URL that is none, plain http where it is not allowed, or a
  /// header that cannot be sent.
  Result<HttpResponseHead> Send(const OpContext& context, const HttpRequest& request, BodySink& sink) override;

 private:
  CurlLoop& LeastLoaded() const;

  const bool allow_http_;
  const Clock& clock_;
  const std::unique_ptr<const CurlSettings> settings_;
  std::vector<std::unique_ptr<CurlLoop>> loops_;
};

}  // namespace cosfuse
