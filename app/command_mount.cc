#include "app/commands.h"
#include "app/daemon.h"
#include "app/supervisor.h"
#include "fs/fuse/mount_point.h"

namespace cosfuse {
namespace {

int MountSupervised(MountOptions options, SupervisorOptions supervisor) {
  const Result<std::string> mountpoint = ResolveMountPoint(options.mountpoint);
  if (!mountpoint) return PrintFailure(mountpoint.error().message());
  options.mountpoint = *mountpoint;
  supervisor.mountpoint = *mountpoint;
  return RunSupervised(supervisor, [&options](SupervisorLink& link) { return RunDaemon(options, link); });
}

}  // namespace

int RunMountCommand(const MountCommand& command) {
  SupervisorOptions supervisor;
  supervisor.background = command.background;
  return MountSupervised(command.options, supervisor);
}

int RunRunCommand(const RunCommand& command) {
  SupervisorOptions supervisor;
  supervisor.program = command.program;
  return MountSupervised(command.options, supervisor);
}

}  // namespace cosfuse
