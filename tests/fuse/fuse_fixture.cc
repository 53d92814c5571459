#include "tests/fuse/fuse_fixture.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "app/child_process.h"
#include "base/op_context.h"
#include "fs/fuse/mount_point.h"

namespace cosfuse {

ScratchMountpoint::ScratchMountpoint() {
  char path[] = "/tmp/cosfuse-test-XXXXXX";
  if (mkdtemp(path) == nullptr) std::abort();
  path_ = path;
}

ScratchMountpoint::~ScratchMountpoint() {
  const auto mount = GetMount(path_);
  if (mount && mount->type == kFileSystemType) (void)Unmount(path_, UnmountMode::kDetached);
  rmdir(path_.c_str());
}

Child::Child(const std::function<int()>& body) : pid_(fork()) {
  if (pid_ != 0) return;
  syscall(SYS_close_range, 3U, ~0U, 0U);
  _exit(body());
}

Child::~Child() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Child::Signal(int signal_number) const { kill(pid_, signal_number); }

int Child::Wait(Duration timeout) {
  int status = 0;
  if (!Eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, timeout)) return -1;
  pid_ = -1;
  return ExitCodeOf(status);
}

bool Eventually(const std::function<bool()>& condition, Duration timeout) {
  SystemClock clock;
  const MonotonicTime until = clock.Now() + timeout;
  while (!condition()) {
    if (clock.Now() >= until) return false;
    (void)clock.Sleep(OpContext(), std::chrono::milliseconds(2));
  }
  return true;
}

void FuseTest::SetUp() {
  FuseMountOptions options;
  options.mountpoint = mountpoint_.path();
  options.source = "bucket";
  auto mount = FuseMount::Start(std::move(options), files_, clock_);
  ASSERT_TRUE(mount) << mount.error().ToString();
  mount_ = std::move(*mount);
}

void FuseTest::TearDown() {
  files_.OpenGate();
  if (mount_ == nullptr) return;
  EXPECT_TRUE(mount_->Unmount());
  EXPECT_TRUE(mount_->WaitUntilUnmounted(std::chrono::seconds(10)));
}

}  // namespace cosfuse
