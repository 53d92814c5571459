#include "bench/emulator/socket_loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_range.h"
#include "base/file_descriptor.h"
#include "base/thread.h"

namespace cosfuse::bench {
namespace {

constexpr size_t kLoopBufferBytes = kMiB;

size_t NumberAfter(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  size_t number = 0;
  if (at != std::string_view::npos) std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number);
  return number;
}

/// False when the client is gone. The head and the first bytes leave in one system call.
bool SendAnswer(int fd, const std::vector<char>& buffer, size_t size) {
  std::string head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  size_t left = size;
  while (!head.empty() || left > 0) {
    std::array<iovec, 2> pieces = {
        {{head.data(), head.size()}, {const_cast<char*>(buffer.data()), std::min(left, buffer.size())}}};
    const ssize_t n = writev(fd, pieces.data(), pieces.size());
    if (n <= 0) return false;
    const size_t of_head = std::min(head.size(), static_cast<size_t>(n));
    head.erase(0, of_head);
    left -= static_cast<size_t>(n) - of_head;
  }
  return true;
}

void ServeConnection(const FileDescriptor& connection) {
  std::vector<char> buffer(kLoopBufferBytes);
  for (;;) {
    size_t have = 0;
    size_t head = 0;
    while (head == 0) {
      const ssize_t n = recv(connection.get(), buffer.data() + have, buffer.size() - have, 0);
      if (n <= 0) return;
      have += static_cast<size_t>(n);
      const size_t end = std::string_view(buffer.data(), have).find("\r\n\r\n");
      if (end != std::string_view::npos) head = end + 4;
    }
    const std::string_view text(buffer.data(), head);
    const size_t download = text.starts_with("GET /") ? NumberAfter(text, "GET /") : 0;
    const size_t upload = NumberAfter(text, "Content-Length: ");
    for (size_t left = upload - std::min(upload, have - head); left > 0;) {
      const ssize_t n = recv(connection.get(), buffer.data(), std::min(left, buffer.size()), 0);
      if (n <= 0) return;
      left -= static_cast<size_t>(n);
    }
    if (!SendAnswer(connection.get(), buffer, download)) return;
  }
}

void AcceptAll(int listening) {
  std::list<Thread> threads;
  for (;;) {
    auto connection = std::make_shared<FileDescriptor>(accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection->valid()) return;
    const int on = 1;
    setsockopt(connection->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    threads.emplace_back("serve", [connection] { ServeConnection(*connection); });
  }
}

}  // namespace

uint16_t StartSocketLoop() {
  const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listening, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listening, SOMAXCONN) != 0 ||
      getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  static Thread acceptor("accept", [listening] { AcceptAll(listening); });
  return ntohs(address.sin_port);
}

}  // namespace cosfuse::bench
