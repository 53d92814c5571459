#include "bench/emulator/load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/byte_range.h"
#include "base/encoding.h"
#include "base/file_descriptor.h"
#include "base/thread.h"

namespace cosfuse::bench {
namespace {

constexpr size_t kBufferBytes = kMiB;

[[noreturn]] void Give(std::string_view reason) {
  std::fprintf(stderr, "emulator_bench: %.*s\n", static_cast<int>(reason.size()), reason.data());
  std::exit(1);
}

/// One connection that is kept alive.
class Connection {
 public:
  explicit Connection(const Peer& peer)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), buffer_(kBufferBytes) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(peer.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
      Give("no connection");
    const int on = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }

  void Send(const std::string& head, size_t upload) {
    SendAll(head);
    while (upload > 0) {
      const size_t n = std::min(upload, buffer_.size());
      SendAll({buffer_.data(), n});
      upload -= n;
    }
  }

  /// Reads an answer to its end and returns the size of its body.
  size_t Receive(bool has_body = true) {
    size_t have = 0;
    size_t head = 0;
    std::string_view text;
    while (head == 0) {
      have += ReceiveSome(have);
      text = {buffer_.data(), have};
      const size_t end = text.find("\r\n\r\n");
      if (end != std::string_view::npos) head = end + 4;
    }
    if (text.substr(0, 10) != "HTTP/1.1 2") Give(text.substr(0, head));
    const size_t length = has_body ? ContentLength(text.substr(0, head)) : 0;
    for (size_t left = length - std::min(length, have - head); left > 0;) left -= std::min(left, ReceiveSome(0));
    return length;
  }

 private:
  void SendAll(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) Give("the connection broke while sending");
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }

  size_t ReceiveSome(size_t at) {
    const ssize_t n = recv(socket_.get(), buffer_.data() + at, buffer_.size() - at, 0);
    if (n <= 0) Give("the connection broke while receiving");
    return static_cast<size_t>(n);
  }

  static size_t ContentLength(std::string_view head) {
    const std::string lower = ToLowerAscii(head);
    constexpr std::string_view kName = "content-length: ";
    const size_t at = lower.find(kName);
    size_t length = 0;
    if (at != std::string::npos) std::from_chars(lower.data() + at + kName.size(), lower.data() + lower.size(), length);
    return length;
  }

  FileDescriptor socket_;
  std::vector<char> buffer_;
};

std::string FormatHead(const Peer& peer, const Shape& shape) {
  std::string head = shape.method + " " + shape.target + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!peer.authorization.empty()) head += "Authorization: " + peer.authorization + "\r\n";
  if (shape.method == "PUT") head += "Content-Length: " + std::to_string(shape.upload) + "\r\n";
  return head + "\r\n";
}

}  // namespace

double MeasureThroughput(const Peer& peer, const Shape& shape, unsigned connections, Duration time) {
  const SystemClock clock;
  const std::string head = FormatHead(peer, shape);
  std::atomic<uint64_t> moved{0};
  const MonotonicTime start = clock.Now();
  {
    std::vector<Thread> threads;
    for (unsigned i = 0; i < connections; ++i) {
      threads.emplace_back("load", [&] {
        Connection connection(peer);
        while (clock.Now() - start < time) {
          connection.Send(head, shape.upload);
          moved += connection.Receive() + shape.upload;
        }
      });
    }
  }
  return static_cast<double>(moved) / std::chrono::duration<double>(clock.Now() - start).count();
}

double MeasureRequests(const Peer& peer, const Shape& shape, unsigned connections, Duration time) {
  const SystemClock clock;
  const std::string head = FormatHead(peer, shape);
  std::vector<Connection> all;
  all.reserve(connections);
  for (unsigned i = 0; i < connections; ++i) all.emplace_back(peer).Send(head, shape.upload);
  uint64_t answered = 0;
  const MonotonicTime start = clock.Now();
  while (clock.Now() - start < time) {
    for (Connection& connection : all) {
      connection.Receive(shape.method != "HEAD");
      connection.Send(head, shape.upload);
      ++answered;
    }
  }
  return static_cast<double>(answered) / std::chrono::duration<double>(clock.Now() - start).count();
}

void Do(const Peer& peer, const Shape& shape) {
  Connection connection(peer);
  connection.Send(FormatHead(peer, shape), shape.upload);
  connection.Receive();
}

}  // namespace cosfuse::bench
