#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/mount_options.h"
#include "base/error.h"

namespace cosfuse {

/// Exit codes of the program.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitBytesLeft = 3,   ///< Bytes could not be sent before the drain's deadline; the log names them.
  kExitHiddenKeys = 4,  ///< The bucket has keys that a mount does not show; doctor has printed them.
};

// One command each. They block until it is done, print to the standard streams, and return the exit code. Call them
// with one thread.
int RunCommandLine(const std::vector<std::string>& arguments);
int RunMountCommand(const MountCommand& command);
int RunRunCommand(const RunCommand& command);
int RunUnmountCommand(const UnmountCommand& command);
int RunWaitCommand(const WaitCommand& command);
int RunTokenCommand(const TokenCommand& command);
int RunRecoverCommand(const RecoverCommand& command);
int RunDoctorCommand(const DoctorCommand& command);

/// The one line of a failure: "cosfuse: CAUSE. REMEDY" on standard error. Returns `code`.
int PrintFailure(std::string_view cause_and_remedy, ExitCode code = kExitFailed);

}  // namespace cosfuse
