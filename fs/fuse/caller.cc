#include "fs/fuse/caller.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>

#include "base/file_descriptor.h"

namespace cosfuse {
namespace {

constexpr Duration kUnseenCallerGrace = std::chrono::seconds(10);

/// A file of /proc, which comes whole in one read as long as it is shorter than the buffer; the fields of interest
/// stand well before that.
std::optional<std::string> ReadProcFile(pid_t tid, const char* name) {
  const std::string path = "/proc/" + std::to_string(tid) + "/" + name;
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return std::nullopt;
  std::string text(4096, '\0');
  const ssize_t size = read(file.get(), text.data(), text.size());
  if (size <= 0) return std::nullopt;
  text.resize(static_cast<size_t>(size));
  return text;
}

/// Whether /proc shows this process the exit code of another one: it does to whom could trace it, and only to those
/// does it resolve `exe`. An exiting process has none any more, which is another error.
bool MayReadExitCode(pid_t tid) {
  const std::string path = "/proc/" + std::to_string(tid) + "/exe";
  char target[1];
  return readlink(path.c_str(), target, sizeof(target)) >= 0 || errno != EACCES;
}

}  // namespace

CallerState InspectCaller(pid_t tid) {
  if (tid <= 0) return CallerState::kUnknown;
  const auto status = ReadProcFile(tid, "status");
  return status ? ParseCallerState(*status) : CallerState::kUnknown;
}

bool ShouldGiveUp(CallerState state, Duration since_interrupt) {
  switch (state) {
    case CallerState::kFatalSignal: return true;
    case CallerState::kAlive: return false;
    case CallerState::kUnknown: return since_interrupt >= kUnseenCallerGrace;
  }
  return false;
}

bool IsBeingKilled(pid_t tid) {
  if (tid <= 0) return false;
  const auto status = ReadProcFile(tid, "status");
  if (!status || HasMemory(*status)) return false;
  const auto stat = ReadProcFile(tid, "stat");
  if (!stat) return false;
  switch (ParseExitKind(*stat)) {
    case ExitKind::kRunning:
    case ExitKind::kNormal: return false;
    case ExitKind::kKilled: return true;
    // exit() of a process ends its other threads by a signal too: with a readable exit code of 0 this is one of those.
    case ExitKind::kMaybeKilled: return !MayReadExitCode(tid);
  }
  return false;
}

}  // namespace cosfuse
