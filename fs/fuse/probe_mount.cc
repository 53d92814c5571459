#include <poll.h>
#include <signal.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "fs/fuse/mount_point.h"

namespace cosfuse {
namespace {

/// Runs in a child of a process that may have threads: system calls only. The exit code is an errno. A child that the
/// kernel does not let go of must not hold descriptors: the connection of a mount lives as long as one of its device.
[[noreturn]] void AskForStatistics(const char* path) {
  syscall(SYS_close_range, 3U, ~0U, 0U);
  struct statfs statistics;
  _exit(statfs(path, &statistics) == 0 ? 0 : errno);
}

/// The child's exit code; nothing when it does not end in time, or was killed.
std::optional<int> WaitForExit(pid_t child, Duration timeout) {
  // glibc has no wrapper before 2.36.
  const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  pollfd entry{.fd = process.get(), .events = POLLIN, .revents = 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  int ready = 0;
  do {
    ready = poll(&entry, 1, static_cast<int>(milliseconds));
  } while (ready < 0 && errno == EINTR);
  int status = 0;
  if (ready <= 0) {
    // It dies when the daemon answers or ends; then init, or the parent's end, reaps it.
    kill(child, SIGKILL);
    waitpid(child, &status, WNOHANG);
    return std::nullopt;
  }
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return std::nullopt;
  return WEXITSTATUS(status);
}

}  // namespace

Liveness ProbeMount(const std::string& path, Duration timeout) {
  const auto mount = GetMount(path);
  if (!mount || mount->type != kFileSystemType) return Liveness::kNotMounted;
  const pid_t child = fork();
  if (child == 0) AskForStatistics(path.c_str());
  if (child < 0) return Liveness::kNoAnswer;
  const auto code = WaitForExit(child, timeout);
  if (!code) return Liveness::kNoAnswer;
  return *code == ENOTCONN ? Liveness::kDead : Liveness::kLive;
}

}  // namespace cosfuse
