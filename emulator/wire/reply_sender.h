#pragma once

#include "emulator/wire/body_reader.h"
#include "emulator/wire/message.h"

struct MHD_Connection;

namespace cosfuse::emulator {

/// Queues `reply` on the connection. The body goes out straight from its chunks; under a bandwidth limit, or when it
/// meets a mishap, it is handed out in pieces. False when the connection cannot be answered any more and is to
/// be dropped.
bool SendReply(MHD_Connection* connection, const Reply& reply, const Wire& wire);

}  // namespace cosfuse::emulator
