#pragma once

#include <cstdint>

#include "base/error.h"

namespace cosfuse {

/// Sets of Linux capabilities, bit n for capability n (linux/capability.h).
struct CapabilitySets {
  uint64_t effective = 0;
  uint64_t permitted = 0;
  uint64_t inheritable = 0;
};

/// What is left of `held` for a daemon that serves a mount: it reads token files of other users (DAC_READ_SEARCH,
/// DAC_OVERRIDE: root alone does not suffice without them) and looks at the processes that call it (SYS_PTRACE: the
/// exit code in /proc/PID/stat). Nothing is added. Pure.
CapabilitySets DecideDaemonCapabilities(const CapabilitySets& held);

/// Gives up all but DecideDaemonCapabilities in the calling thread, and in those that it starts from then on: call it
/// before there are others. Errors: kUnavailable.
Result<> DropCapabilities();

/// Keeps tokens in this process's memory out of core dumps and from being read by other processes of the user.
void ForbidCoreDumps();

/// As many descriptors as the system lets this process have: each open file, each file on its way to the store and each
/// connection takes one, and the usual soft limit of 1,024 is there for programs that call select().
void RaiseDescriptorLimit();

}  // namespace cosfuse
