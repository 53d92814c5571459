#include "emulator/wire/acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

namespace cosfuse::emulator {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(20);

/// Rounded up.
int PollTimeout(Duration wait) {
  return wait <= Duration::zero() ? 0 : static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

}  // namespace

Result<std::unique_ptr<Acceptor>> Acceptor::Start(FileDescriptor listening, Delay delay, const Clock& clock,
                                                  Deliver deliver) {
  FileDescriptor stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop.valid()) return Fail(ErrorCode::kUnavailable, "cannot make an eventfd");
  return std::unique_ptr<Acceptor>(
      new Acceptor(std::move(listening), std::move(stop), std::move(delay), clock, std::move(deliver)));
}

Acceptor::Acceptor(FileDescriptor listening, FileDescriptor stop, Delay delay, const Clock& clock, Deliver deliver)
    : listening_(std::move(listening)),
      stop_(std::move(stop)),
      delay_(std::move(delay)),
      clock_(clock),
      deliver_(std::move(deliver)),
      thread_("acceptor", [this] { Loop(); }) {}

Acceptor::~Acceptor() {
  const uint64_t one = 1;
  static_cast<void>(write(stop_.get(), &one, sizeof(one)));
  thread_.Join();
}

void Acceptor::Loop() {
  std::array<pollfd, 2> watched = {{{listening_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  std::optional<Duration> wait;
  for (;;) {
    poll(watched.data(), watched.size(), wait ? PollTimeout(*wait) : -1);
    if (watched[1].revents != 0) return;
    const bool exhausted = watched[0].revents != 0 && !AcceptAll();
    DeliverDue();
    // A socket that stays readable would let no poll wait.
    watched[0].fd = exhausted ? -1 : listening_.get();
    wait = UntilDue();
    if (exhausted) wait = std::min(wait.value_or(kPause), kPause);
  }
}

bool Acceptor::AcceptAll() {
  for (bool any = false;; any = true) {
    FileDescriptor connection(accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!connection.valid()) return any;
    waiting_.emplace(clock_.Now() + delay_(), std::move(connection));
  }
}

void Acceptor::DeliverDue() {
  const MonotonicTime now = clock_.Now();
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    deliver_(std::move(waiting_.extract(waiting_.begin()).mapped()));
  }
}

std::optional<Duration> Acceptor::UntilDue() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first - clock_.Now();
}

}  // namespace cosfuse::emulator
