#include "fs/fuse/session.h"

#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "base/disk.h"
#include "base/log.h"
#include "fs/fuse/init_reply.h"
#include "fs/fuse/operations.h"

namespace cosfuse {
namespace {

/// libfuse's own messages go where ours go.
void LogLibfuse(fuse_log_level level, const char* format, va_list arguments) {
  char line[512];
  std::vsnprintf(line, sizeof(line), format, arguments);
  Log(level <= FUSE_LOG_ERR ? LogLevel::kError : LogLevel::kDebug, "libfuse", {{"message", line}});
}

bool WaitReadable(int fd, Duration timeout) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  return poll(&entry, 1, static_cast<int>(milliseconds)) > 0;
}

}  // namespace

Session::Session(int device, FileDescriptor stop_event, Dispatcher& dispatcher)
    : device_(device), stop_event_(std::move(stop_event)), dispatcher_(dispatcher) {}

Session::~Session() { StopReading(); }

Result<std::unique_ptr<Session>> Session::Create(FileDescriptor device, Dispatcher& dispatcher) {
  FileDescriptor stop_event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_event.valid()) return Fail(ErrorFromErrno(errno, "eventfd"));
  const int flags = fcntl(device.get(), F_GETFL);
  if (flags < 0 || fcntl(device.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return Fail(ErrorFromErrno(errno, "the FUSE device's descriptor"));
  }
  std::unique_ptr<Session> session(new Session(device.get(), std::move(stop_event), dispatcher));
  fuse_set_log_func(LogLibfuse);
  // libfuse compares the option with what its INIT operation says.
  std::string name = "cosfuse";
  std::string max_read = "-omax_read=" + std::to_string(kMaxTransfer);
  char* argv[] = {name.data(), max_read.data(), nullptr};
  fuse_args args = FUSE_ARGS_INIT(2, argv);
  const fuse_lowlevel_ops operations = MakeOperations();
  session->session_.reset(fuse_session_new(&args, &operations, sizeof(operations), session.get()));
  fuse_opt_free_args(&args);
  if (session->session_ == nullptr) return Fail(ErrorCode::kInternal, "libfuse cannot make a session");
  fuse_custom_io io{};
  io.writev = WriteReply;
  io.read = RefuseToRead;
  if (fuse_session_custom_io(session->session_.get(), &io, device.get()) != 0) {
    return Fail(ErrorCode::kInternal, "libfuse does not take the FUSE device's descriptor");
  }
  device.Release();
  return session;
}

Result<> Session::Handshake(Duration timeout) {
  if (!WaitReadable(device_, timeout)) {
    return Fail(ErrorCode::kTimedOut, "the kernel sends no FUSE INIT. Is the descriptor mounted?");
  }
  BufferPool::Buffer buffer = dispatcher_.buffers().Take();
  const ssize_t size = read(device_, buffer.get(), dispatcher_.buffers().buffer_size());
  if (size < 0) return Fail(ErrorFromErrno(errno, "reading the kernel's FUSE INIT"));
  Process(buffer, static_cast<size_t>(size));
  init_offer_.reset();
  if (!initialized_ || fuse_session_exited(session_.get()) != 0) {
    return Fail(ErrorCode::kUnsupported, "the kernel's FUSE protocol is too old. Linux 5.14 or newer is needed.");
  }
  return {};
}

void Session::Start(unsigned workers, std::function<void()> on_end) {
  on_end_ = std::move(on_end);
  reading_ = workers;
  for (unsigned i = 0; i < workers; ++i) {
    workers_.emplace_back("fuse-" + std::to_string(i), [this] { WorkerLoop(); });
  }
}

void Session::StopReading() {
  stopping_ = true;
  const uint64_t one = 1;
  if (write(stop_event_.get(), &one, sizeof(one)) < 0) {
    Log(LogLevel::kError, "cannot wake the threads that read the FUSE device", {{"error", std::strerror(errno)}});
  }
  workers_.clear();
}

bool Session::WaitUntilEnded(Duration timeout) {
  const MonotonicTime until = dispatcher_.clock().Now() + timeout;
  const MutexLock lock(mutex_);
  while (!ended_ && dispatcher_.clock().Now() < until) changed_.WaitUntil(mutex_, until);
  return ended_;
}

void Session::WorkerLoop() {
  const FileDescriptor events(epoll_create1(EPOLL_CLOEXEC));
  epoll_event device_event{.events = EPOLLIN | EPOLLEXCLUSIVE, .data = {}};
  epoll_event stop_event{.events = EPOLLIN, .data = {}};
  if (!events.valid() || epoll_ctl(events.get(), EPOLL_CTL_ADD, device_, &device_event) != 0 ||
      epoll_ctl(events.get(), EPOLL_CTL_ADD, stop_event_.get(), &stop_event) != 0) {
    Log(LogLevel::kError, "cannot watch the FUSE device", {{"error", std::strerror(errno)}});
    std::abort();
  }
  BufferPool& buffers = dispatcher_.buffers();
  BufferPool::Buffer buffer = buffers.Take();
  Receipt receipt = Receipt::kMessage;
  for (;;) {
    size_t size = 0;
    receipt = Receive(events.get(), std::span(buffer.get(), buffers.buffer_size()), size);
    if (receipt != Receipt::kMessage) break;
    Process(buffer, size);
    if (buffer == nullptr) buffer = buffers.Take();
  }
  if (--reading_ != 0 || receipt != Receipt::kEnded) return;
  {
    const MutexLock lock(mutex_);
    ended_ = true;
    changed_.NotifyAll();
  }
  if (on_end_) on_end_();
}

Session::Receipt Session::Receive(int events, std::span<std::byte> buffer, size_t& size) {
  while (!stopping_) {
    const ssize_t received = read(device_, buffer.data(), buffer.size());
    if (received >= 0) {
      size = static_cast<size_t>(received);
      return Receipt::kMessage;
    }
    switch (errno) {
      case EINTR:
      case ENOENT: break;  // The request was taken back while it was being read.
      case EAGAIN: {
        epoll_event event;
        epoll_wait(events, &event, 1, -1);
        break;
      }
      case ENODEV: return Receipt::kEnded;
      default:
        Log(LogLevel::kError, "reading the FUSE device failed", {{"error", std::strerror(errno)}});
        return Receipt::kEnded;
    }
  }
  return Receipt::kStopped;
}

void Session::Process(BufferPool::Buffer& buffer, size_t size) {
  const auto raw = ParseRawRequest(std::span(buffer.get(), size));
  if (!raw) {
    Log(LogLevel::kError, "a message of the kernel is too short", {{"bytes", std::to_string(size)}});
    return;
  }
  if (raw->opcode == kOpcodeInterrupt) {
    if (!dispatcher_.Interrupt(raw->interrupted)) RepeatInterrupt(raw->unique);
    return;
  }
  if (raw->opcode == kOpcodeInit) init_offer_ = raw->init_flags;
  // The memory, not the owner: a write may keep the buffer while libfuse still looks at the message.
  fuse_buf message{};
  message.mem = buffer.get();
  message.size = size;
  const ReceivedMessage current(*raw, buffer);
  fuse_session_process_buf(session_.get(), &message);
}

void Session::RepeatInterrupt(uint64_t unique) {
  // ENOENT: the request has been answered meanwhile.
  fuse_out_header header{.len = sizeof(header), .error = -EAGAIN, .unique = unique};
  if (write(device_, &header, sizeof(header)) < 0 && errno != ENOENT) {
    Log(LogLevel::kDebug, "an interrupt could not be given back", {{"error", std::strerror(errno)}});
  }
}

ssize_t Session::WriteReply(int device, iovec* parts, int count, void* userdata) {
  auto& session = *static_cast<Session*>(userdata);
  if (session.init_offer_ && count > 1) {
    PatchInitReply(std::span(static_cast<std::byte*>(parts[1].iov_base), parts[1].iov_len), *session.init_offer_);
  }
  const ssize_t written = writev(device, parts, count);
  if (written < 0 && errno != ENOENT) {
    // libfuse would print this itself, and to the terminal. ENOENT says the same to it: nobody wants the answer.
    Log(errno == ENODEV ? LogLevel::kDebug : LogLevel::kError, "the kernel refused an answer",
        {{"error", std::strerror(errno)}});
    errno = ENOENT;
  }
  return written;
}

/// libfuse demands the function; messages are read by Receive.
ssize_t Session::RefuseToRead(int /*device*/, void* /*buffer*/, size_t /*size*/, void* /*userdata*/) {
  errno = EOPNOTSUPP;
  return -1;
}

}  // namespace cosfuse
