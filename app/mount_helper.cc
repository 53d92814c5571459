#include "app/mount_helper.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <type_traits>

#include "base/disk.h"

namespace cosfuse {
namespace {

/// What the child answers, as one datagram.
struct Answer {
  bool mounted = false;
  ErrorCode code = ErrorCode::kInternal;
  std::array<char, 4096> message{};
};
static_assert(std::is_trivially_copyable_v<Answer>);

Result<> CheckAndMount(const MountParameters& parameters, const FileDescriptor& device) {
  // Again: the first look was before the exchange with IAM.
  RETURN_IF_ERROR(CheckMountPoint(parameters.path));
  return MountFuseDevice(parameters, device);
}

/// The child's whole life.
void ServeOneMount(const FileDescriptor& socket, const MountParameters& parameters, const FileDescriptor& device) {
  char request = 0;
  if (read(socket.get(), &request, 1) != 1) return;
  const Result<> mounted = CheckAndMount(parameters, device);
  Answer answer;
  answer.mounted = mounted.has_value();
  if (!mounted) {
    answer.code = mounted.error().code();
    mounted.error().message().copy(answer.message.data(), answer.message.size() - 1);
  }
  // Where the daemon has gone nobody wants the answer, and its supervisor detaches the mount.
  (void)send(socket.get(), &answer, sizeof(answer), MSG_NOSIGNAL);
}

}  // namespace

Result<MountHelper> MountHelper::Start(const MountParameters& parameters, FileDescriptor device) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Fail(ErrorFromErrno(errno, "making a socket pair"));
  }
  FileDescriptor ours(ends[0]);
  const FileDescriptor theirs(ends[1]);
  const pid_t child = fork();
  if (child < 0) return Fail(ErrorFromErrno(errno, "starting the process that mounts"));
  if (child == 0) {
    ours.Close();
    ServeOneMount(theirs, parameters, device);
    _exit(0);
  }
  return MountHelper(std::move(device), std::move(ours), child);
}

MountHelper::~MountHelper() { Reap(); }

void MountHelper::Reap() {
  socket_.Close();
  if (child_ > 0) waitpid(child_, nullptr, 0);
  child_ = -1;
}

Result<FileDescriptor> MountHelper::Mount() {
  Answer answer;
  const char request = 'm';
  const bool answered = send(socket_.get(), &request, 1, MSG_NOSIGNAL) == 1 &&
                        recv(socket_.get(), &answer, sizeof(answer), 0) == static_cast<ssize_t>(sizeof(answer));
  Reap();
  if (!answered) {
    return Fail(ErrorCode::kUnavailable, "the process that mounts has ended unexpectedly. Start again.");
  }
  if (!answer.mounted) return Fail(answer.code, answer.message.data());
  return std::move(device_);
}

}  // namespace cosfuse
