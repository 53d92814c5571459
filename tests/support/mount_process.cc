#include "tests/support/mount_process.h"

#include <signal.h>
#include <sys/mount.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace cosfuse::testing {

MountProcess::MountProcess(const EmulatorProcess& emulator, const std::vector<std::string>& options,
                           const std::map<std::string, std::string>& environment)
    : mountpoint_(directory_.MakeDirectory("mnt")) {
  const std::string log = directory_.path() + "/log";
  std::vector<std::string> argv = {COSFUSE_BINARY, "mount", mountpoint_, "--cache-dir",
                                   directory_.MakeDirectory("cache")};
  argv.insert(argv.end(), options.begin(), options.end());
  std::map<std::string, std::string> variables = emulator.PodEnvironment();
  variables.insert(environment.begin(), environment.end());
  process_ = std::make_unique<Subprocess>(argv, variables, log, log);
  const bool up = Eventually([&] { return Log().find("mounted ") != std::string::npos || !process_->running(); },
                             std::chrono::seconds(60));
  if (!up || !process_->running()) {
    std::cerr << "cosfuse mount failed: " << Log() << "\n";
    std::abort();
  }
}

MountProcess::~MountProcess() {
  Terminate();
  if (mounted()) umount2(mountpoint_.c_str(), MNT_DETACH);
}

bool MountProcess::mounted() const { return IsMountPoint(mountpoint_); }

ExitStatus MountProcess::Terminate(Duration timeout) {
  process_->Signal(SIGTERM);
  return process_->Wait(timeout);
}

bool IsMountPoint(const std::string& path) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string skipped;
    std::string where;
    fields >> skipped >> skipped >> skipped >> skipped >> where;
    if (where == path) return true;
  }
  return false;
}

}  // namespace cosfuse::testing
