#pragma once

#include <sys/types.h>

#include "base/clock.h"
#include "fs/fuse/proc_status.h"

namespace cosfuse {

/// How the thread `tid` stands, as /proc has it now. 0 (another PID namespace), and one that is not there: kUnknown.
CallerState InspectCaller(pid_t tid);

/// Whether an interrupted request is to be given up. A caller that cannot be seen gets a grace period, since most
/// signals are not fatal. Pure.
bool ShouldGiveUp(CallerState state, Duration since_interrupt);

/// True when a signal is ending the process of `tid`, which is closing its files now. False for one that exits by
/// itself, and for 0.
bool IsBeingKilled(pid_t tid);

}  // namespace cosfuse
