#include "app/supervisor_link.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "app/child_process.h"
#include "base/disk.h"
#include "base/log.h"

namespace cosfuse {
namespace {

/// An idle mount goes at once; one with mapped pages to write back needs the daemon, which gives up then and ends.
constexpr Duration kUnmountTimeout = std::chrono::seconds(10);

/// On the wire: kind, nanoseconds of the monotonic clock (which all processes share), text.
struct WireHeader {
  SupervisorMessage::Kind kind;
  int64_t time;
};
constexpr size_t kMaxText = 1024;

}  // namespace

bool SendMessage(const FileDescriptor& socket, const SupervisorMessage& message) {
  std::array<char, sizeof(WireHeader) + kMaxText> packet{};
  const WireHeader header{message.kind, message.time.time_since_epoch().count()};
  const size_t text_size = std::min(message.text.size(), kMaxText);
  std::memcpy(packet.data(), &header, sizeof(header));
  std::memcpy(packet.data() + sizeof(header), message.text.data(), text_size);
  return send(socket.get(), packet.data(), sizeof(header) + text_size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

Result<SupervisorMessage> ReceiveMessage(const FileDescriptor& socket, Duration timeout) {
  pollfd entry{.fd = socket.get(), .events = POLLIN, .revents = 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  const int ready = poll(&entry, 1, static_cast<int>(milliseconds));
  if (ready < 0 && errno != EINTR) return Fail(ErrorFromErrno(errno, "the supervisor's socket"));
  if (ready <= 0) return Fail(ErrorCode::kTimedOut, "no message");
  std::array<char, sizeof(WireHeader) + kMaxText> packet;
  const ssize_t size = recv(socket.get(), packet.data(), packet.size(), 0);
  WireHeader header;
  if (size < static_cast<ssize_t>(sizeof(header))) return Fail(ErrorCode::kUnavailable, "the other process is gone");
  std::memcpy(&header, packet.data(), sizeof(header));
  return SupervisorMessage{.kind = header.kind,
                           .time = MonotonicTime(Duration(header.time)),
                           .text = std::string(packet.data() + sizeof(header), packet.data() + size)};
}

SupervisorLink::SupervisorLink(FileDescriptor socket, bool background)
    : socket_(std::move(socket)), background_(background) {}

void SupervisorLink::ReportReady() {
  if (background_) DetachStandardStreams();
  if (!SendMessage(socket_, {.kind = SupervisorMessage::Kind::kReady, .time = {}, .text = {}})) {
    Log(LogLevel::kWarning, "the supervisor is gone");
  }
}

Result<> SupervisorLink::Unmount() {
  if (!SendMessage(socket_, {.kind = SupervisorMessage::Kind::kUnmount, .time = {}, .text = {}})) {
    return Fail(ErrorCode::kUnavailable, "the supervisor is gone");
  }
  const SystemClock clock;
  const MonotonicTime until = clock.Now() + kUnmountTimeout;
  for (MonotonicTime now = clock.Now(); now < until; now = clock.Now()) {
    auto message = ReceiveMessage(socket_, until - now);
    if (!message && message.error().code() == ErrorCode::kTimedOut) continue;
    if (!message) return Fail(message.error());
    if (message->kind == SupervisorMessage::Kind::kTermination) termination_time_ = message->time;
    if (message->kind != SupervisorMessage::Kind::kUnmounted) continue;
    if (message->text.empty()) return {};
    return Fail(ErrorCode::kUnavailable, message->text);
  }
  return Fail(ErrorCode::kTimedOut, "the supervisor has not unmounted yet");
}

std::optional<MonotonicTime> SupervisorLink::TerminationTime() {
  while (auto message = ReceiveMessage(socket_, Duration(0))) {
    if (message->kind == SupervisorMessage::Kind::kTermination) termination_time_ = message->time;
  }
  return termination_time_;
}

}  // namespace cosfuse
