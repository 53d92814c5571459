#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace cosfuse::bench {

/// A server on loopback, and what every request to it carries.
struct Peer {
  uint16_t port = 0;
  std::string authorization;
};

/// What one request is. The client is the same for every server: a blocking socket for each connection, and one buffer
/// that all bytes go through.
struct Shape {
  std::string method;  ///< "GET" or "PUT".
  std::string target;
  size_t upload = 0;  ///< Bytes of the request's body.
};

/// Moves whole bodies over `connections` connections for `time`, and returns bytes a second. Aborts with a line on
/// standard error when the server fails.
double MeasureThroughput(const Peer& peer, const Shape& shape, unsigned connections, Duration time);

/// Sends small requests over `connections` connections, of which each always has one on its way, from one thread, and
/// returns requests a second. Aborts as above.
double MeasureRequests(const Peer& peer, const Shape& shape, unsigned connections, Duration time);

/// One request; aborts as above.
void Do(const Peer& peer, const Shape& shape);

}  // namespace cosfuse::bench
