#include "app/child_process.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace cosfuse {
namespace {

constexpr int kExitCannotExecute = 126;
constexpr int kExitNotFound = 127;

}  // namespace

int ExitCodeOf(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int CombineExitCodes(std::optional<int> program_status, int daemon_status) {
  if (program_status && ExitCodeOf(*program_status) != 0) return ExitCodeOf(*program_status);
  return WIFSIGNALED(daemon_status) ? kExitFailure : WEXITSTATUS(daemon_status);
}

sigset_t ForwardedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal_number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2}) {
    sigaddset(&signals, signal_number);
  }
  return signals;
}

pid_t StartProgram(const std::vector<std::string>& arguments, const sigset_t& mask) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  execvp(argv[0], argv.data());
  const int error = errno;
  std::fprintf(stderr, "cosfuse: cannot start '%s': %s. Check the program's path and its permissions.\n", argv[0],
               std::strerror(error));
  _exit(error == ENOENT || error == ENOTDIR ? kExitNotFound : kExitCannotExecute);
}

bool HasOtherChildren(const std::vector<pid_t>& known) {
  const std::string self = std::to_string(getpid());
  std::ifstream children("/proc/self/task/" + self + "/children");
  pid_t child = 0;
  while (children >> child) {
    if (std::ranges::find(known, child) == known.end()) return true;
  }
  return false;
}

void DetachStandardStreams() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return;
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  struct stat attributes;
  if (fstat(STDERR_FILENO, &attributes) != 0 || !S_ISREG(attributes.st_mode)) dup2(null, STDERR_FILENO);
  if (null > STDERR_FILENO) close(null);
}

}  // namespace cosfuse
