#include "app/signal_inbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/disk.h"

namespace cosfuse {
namespace {

int PollMilliseconds(std::optional<Duration> timeout) {
  if (!timeout) return -1;
  const auto rounded_up = std::chrono::ceil<std::chrono::milliseconds>(*timeout).count();
  return static_cast<int>(std::clamp<int64_t>(rounded_up, 0, std::numeric_limits<int>::max()));
}

}  // namespace

Result<SignalInbox> SignalInbox::Open() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  FileDescriptor signal_fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  FileDescriptor wake_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!signal_fd.valid() || !wake_fd.valid()) return Fail(ErrorFromErrno(errno, "waiting for signals"));
  return SignalInbox(std::move(signal_fd), std::move(wake_fd));
}

SignalInbox::Event SignalInbox::Wait(std::optional<Duration> timeout) {
  while (true) {
    std::array<pollfd, 2> fds = {pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
    const int ready = poll(fds.data(), fds.size(), PollMilliseconds(timeout));
    if (ready == 0) return Event::kTimeout;
    signalfd_siginfo info{};
    if (read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
      const bool terminate = info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT;
      return terminate ? Event::kTerminate : Event::kIgnored;
    }
    eventfd_t count = 0;
    if (eventfd_read(wake_.get(), &count) == 0) return Event::kWoken;
  }
}

void SignalInbox::Wake() {
  // Fails only when the counter is full, and then it is awake already.
  (void)eventfd_write(wake_.get(), 1);
}

}  // namespace cosfuse
