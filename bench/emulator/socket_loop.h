#pragma once

#include <cstddef>
#include <cstdint>

namespace cosfuse::bench {

/// The least that a server can do with the same requests, a thread for each connection: `GET /N` is answered with N
/// bytes from one buffer, the body of a PUT is received into one buffer and forgotten. No parser, no store, no checks:
/// the speed of the machine's sockets, which other servers are measured by. Returns the port; runs until the process
/// ends. Aborts where it cannot listen.
uint16_t StartSocketLoop();

}  // namespace cosfuse::bench
