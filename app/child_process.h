#pragma once

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace cosfuse {

/// For failures of our own; a program under `run` has its own codes.
inline constexpr int kExitFailure = 1;

/// What a shell would report for a status of waitpid(2): the exit status, or 128 + the signal. Pure.
int ExitCodeOf(int wait_status);

/// The supervisor's own exit code (kExitFailure when the daemon was killed by a signal). `program`: the status of what
/// `run` started, if it did. Pure.
int CombineExitCodes(std::optional<int> program_status, int daemon_status);

/// The signals that are passed on, and that the daemon starts with blocked.
sigset_t ForwardedSignals();

/// Starts `arguments` (looked up in PATH) with this signal mask, in the caller's process group and with its
/// descriptors. Returns its id, or -1 with errno. A program that cannot be executed exits with 127 (not found) or 126,
/// after one line on stderr. The caller must have one thread.
pid_t StartProgram(const std::vector<std::string>& arguments, const sigset_t& mask);

/// Whether the calling process has children beside these. False where the kernel does not tell
/// (CONFIG_PROC_CHILDREN).
bool HasOtherChildren(const std::vector<pid_t>& known);

/// For a process that stays behind when its caller's terminal is gone: standard input and output, and standard error
/// unless it is a file, become /dev/null.
void DetachStandardStreams();

}  // namespace cosfuse
