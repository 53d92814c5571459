#include "tests/support/mount_process.h"

#include <signal.h>
#include <sys/mount.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace cosfuse::testing {

MountProcess::MountProcess(const EmulatorProcess& emulator, const std::vector<std::string>& options,
                           const std::map<std::string, std::string>& environment)
    : mountpoint_(directory_.MakeDirectory("mnt")),
      cache_directory_(directory_.MakeDirectory("cache")),
      arguments_({COSFUSE_BINARY, "mount", mountpoint_, "--cache-dir", cache_directory_}),
      environment_(emulator.PodEnvironment()) {
  arguments_.insert(arguments_.end(), options.begin(), options.end());
  environment_.insert(environment.begin(), environment.end());
  Restart();
}

void MountProcess::Restart() {
  if (TryRestart({})) return;
  std::cerr << "cosfuse mount failed: " << Log() << "\n";
  std::abort();
}

bool MountProcess::TryRestart(const std::map<std::string, std::string>& environment) {
  const std::string log = directory_.path() + "/log";
  std::filesystem::remove(log);
  std::map<std::string, std::string> all = environment;
  all.insert(environment_.begin(), environment_.end());
  process_ = std::make_unique<Subprocess>(arguments_, all, log, log);
  const bool up = Eventually([&] { return Log().find("mounted ") != std::string::npos || !process_->running(); },
                             std::chrono::seconds(60));
  return up && process_->running();
}

void MountProcess::Kill() {
  if (const pid_t daemon = DaemonPid(); daemon > 0) kill(daemon, SIGKILL);
  process_->Wait(std::chrono::seconds(40));
}

pid_t MountProcess::DaemonPid() const {
  const std::string supervisor = std::to_string(process_->pid());
  std::ifstream children("/proc/" + supervisor + "/task/" + supervisor + "/children");
  pid_t daemon = 0;
  children >> daemon;
  return daemon;
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
