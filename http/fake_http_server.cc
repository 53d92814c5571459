#include "http/fake_http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/encoding.h"

namespace cosfuse {
namespace {

/// Reads from a socket what a line or a count asks for, and keeps the rest.
class SocketReader {
 public:
  explicit SocketReader(int fd) : fd_(fd) {}

  std::optional<std::string> ReadLine() {
    size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return line;
  }

  std::string Read(size_t count) {
    while (buffer_.size() < count && Fill()) {
    }
    std::string bytes = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return bytes;
  }

 private:
  bool Fill() {
    std::array<char, 65536> chunk{};
    const ssize_t count = recv(fd_, chunk.data(), chunk.size(), 0);
    if (count <= 0) return false;
    buffer_.append(chunk.data(), static_cast<size_t>(count));
    return true;
  }

  const int fd_;
  std::string buffer_;
};

std::optional<FakeHttpServer::Request> ReadRequest(SocketReader& reader, bool read_body) {
  const auto first = reader.ReadLine();
  if (!first) return std::nullopt;
  FakeHttpServer::Request request;
  const size_t blank = first->find(' ');
  request.method = first->substr(0, blank);
  request.target = first->substr(blank + 1, first->rfind(' ') - blank - 1);
  for (;;) {
    const auto line = reader.ReadLine();
    if (!line) return std::nullopt;
    if (line->empty()) break;
    const size_t colon = line->find(':');
    request.headers[ToLowerAscii(line->substr(0, colon))] = TrimWhitespace(line->substr(colon + 1));
  }
  if (!read_body) return request;
  const auto announced = request.headers.find("content-length");
  if (announced != request.headers.end()) {
    size_t length = 0;
    const std::string& text = announced->second;
    std::from_chars(text.data(), text.data() + text.size(), length);
    request.body = reader.Read(length);
  }
  return request;
}

}  // namespace

bool FakeHttpServer::Peer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

void FakeHttpServer::Peer::ResetOnClose() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void FakeHttpServer::Peer::WaitForClose() {
  SocketReader reader(fd_);
  while (!reader.Read(1).empty()) {
  }
}

FakeHttpServer::FakeHttpServer(Handler handler, Options options)
    : handler_(std::move(handler)), options_(options), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_.get(), generic, length) != 0 || listen(listener_.get(), SOMAXCONN) != 0 ||
      getsockname(listener_.get(), generic, &length) != 0) {
    throw std::runtime_error("no listening socket on loopback");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = Thread("fake-http", [this] { AcceptLoop(); });
}

FakeHttpServer::~FakeHttpServer() {
  std::list<Thread> workers;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    shutdown(listener_.get(), SHUT_RDWR);
    for (const FileDescriptor& socket : sockets_) shutdown(socket.get(), SHUT_RDWR);
    workers.swap(workers_);
  }
  acceptor_.Join();
  workers.clear();
}

std::string FakeHttpServer::Url(std::string_view target) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
}

std::string FakeHttpServer::Answer(int status, std::string_view body, std::string_view extra_headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Reason\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(extra_headers) + "\r\n" + std::string(body);
}

void FakeHttpServer::AcceptLoop() {
  for (;;) {
    FileDescriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    MutexLock lock(mutex_);
    if (stopping_) return;
    if (!socket.valid()) continue;
    const int fd = socket.get();
    const int number = connections_.fetch_add(1) + 1;
    sockets_.push_back(std::move(socket));
    workers_.emplace_back("fake-http-peer", [this, fd, number] { Serve(fd, number); });
  }
}

void FakeHttpServer::Serve(int fd, int number) {
  SocketReader reader(fd);
  Peer peer(fd);
  bool keep = true;
  while (keep) {
    auto request = ReadRequest(reader, options_.read_body);
    if (!request) break;
    request->connection = number;
    keep = handler_(*request, peer);
  }
  // Under the lock, so that the destructor never shuts down a number that someone else has got meanwhile.
  MutexLock lock(mutex_);
  std::erase_if(sockets_, [fd](const FileDescriptor& socket) { return socket.get() == fd; });
}

}  // namespace cosfuse
