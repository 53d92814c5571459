#include "emulator/wire/acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

namespace cosfuse::emulator {

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
  for (;;) {
    poll(watched.data(), watched.size(), Timeout());
    if (watched[1].revents != 0) return;
    AcceptAll();
    DeliverDue();
  }
}

void Acceptor::AcceptAll() {
  for (;;) {
    FileDescriptor connection(accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!connection.valid()) return;
    waiting_.emplace(clock_.Now() + delay_(), std::move(connection));
  }
}

void Acceptor::DeliverDue() {
  const MonotonicTime now = clock_.Now();
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    deliver_(std::move(waiting_.extract(waiting_.begin()).mapped()));
  }
}

int Acceptor::Timeout() const {
  if (waiting_.empty()) return -1;
  const Duration left = waiting_.begin()->first - clock_.Now();
  return left <= Duration::zero() ? 0 : static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

}  // namespace cosfuse::emulator
