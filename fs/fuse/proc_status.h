#pragma once

#include <string_view>

namespace cosfuse {

/// What /proc tells about the thread behind a request. Pure parsers; caller.h reads the files.

enum class CallerState {
  kFatalSignal,  ///< A signal is pending that will end the process: give the request up.
  kAlive,        ///< Whatever interrupted it does not end it: a program with SA_RESTART must not see EINTR.
  kUnknown,      ///< Not to be seen from here (another PID namespace).
};

/// Reads the text of /proc/TID/status: a signal is fatal when it is pending for the thread (SigPnd) or for its process
/// (ShdPnd), not blocked, not ignored, not caught, and ends a process by default. SIGKILL always is.
/// Source: proc_pid_status(5), signal(7).
CallerState ParseCallerState(std::string_view status);

/// Whether the thread still has memory, by the text of /proc/TID/status: one that exits has given it up before it
/// closes its files. Only of a thread without may /proc/TID/stat be read while it waits for us: an execve closes files,
/// too (O_CLOEXEC), while it holds a lock that a reader of stat waits for. Pure.
bool HasMemory(std::string_view status);

enum class ExitKind {
  kRunning,     ///< The thread is not exiting.
  kNormal,      ///< It exits by itself: its close waits for the store as any other.
  kKilled,      ///< A signal ends the process.
  kMaybeKilled  ///< A signal ends this thread; the exit code, which would tell whether the process, reads as 0.
};

/// Reads the text of /proc/TID/stat. A process that a signal ends closes its files without any further interrupt,
/// so that only this tells a killed writer's FLUSH from one that wants the truth.
/// Source: proc_pid_stat(5), fields 9 (flags) and 52 (exit_code); PF_EXITING and PF_SIGNALED in the kernel's
/// include/linux/sched.h.
ExitKind ParseExitKind(std::string_view stat);

}  // namespace cosfuse
