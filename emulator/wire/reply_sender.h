#pragma once

#include "base/clock.h"
#include "emulator/wire/message.h"
#include "emulator/wire/pacer.h"
#include "emulator/wire/parking.h"

struct MHD_Connection;

namespace cosfuse::emulator {

/// Queues `reply` on the connection. The body goes out straight from its chunks; under a bandwidth limit (`paced`) it
/// is handed out in pieces. False when the connection cannot be answered any more and is to be dropped.
bool SendReply(MHD_Connection* connection, const Reply& reply, bool paced, Pacer& pacer, Parking& parking,
               const Clock& clock);

}  // namespace cosfuse::emulator
