#include "emulator/fake_http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr timeval kPatience{.tv_sec = 20, .tv_usec = 0};

std::string FormatHeaders(const HttpClient::HeaderList& headers) {
  std::string text;
  for (const auto& [name, value] : headers) text.append(name).append(": ").append(value).append(kLineEnd);
  return text;
}

}  // namespace

std::string HttpAnswer::Header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? std::string() : found->second;
}

HttpAnswer HttpClient::Do(std::string_view method, std::string_view target, const HeaderList& headers,
                          std::string_view body) {
  HeaderList all = headers;
  if (!body.empty() || method == "PUT" || method == "POST") {
    all.emplace_back("Content-Length", std::to_string(body.size()));
  }
  Send(FormatHead(method, target, all) + std::string(body));
  return ReadAnswer(method);
}

std::string HttpClient::FormatHead(std::string_view method, std::string_view target, const HeaderList& headers) const {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + FormatHeaders(common_) +
         FormatHeaders(headers) + "\r\n";
}

void HttpClient::Send(std::string_view bytes) {
  if (!socket_.valid() && !Connect()) return;
  while (!bytes.empty()) {
    const ssize_t n = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // The answer that came before the reset may still be readable.
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

HttpAnswer HttpClient::ReadAnswer(std::string_view method) {
  HttpAnswer answer;
  size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return {};
  }
  const std::string head = buffer_.substr(0, end + kLineEnd.size());
  buffer_.erase(0, end + 2 * kLineEnd.size());
  answer.status = std::atoi(head.c_str() + head.find(' '));
  for (size_t start = head.find(kLineEnd) + kLineEnd.size(); start < head.size();) {
    const size_t line_end = head.find(kLineEnd, start);
    const std::string line = head.substr(start, line_end - start);
    const size_t colon = line.find(':');
    answer.headers[ToLowerAscii(line.substr(0, colon))] = std::string(TrimWhitespace(line.substr(colon + 1)));
    start = line_end + kLineEnd.size();
  }
  const bool has_body = method != "HEAD" && answer.status != 304 && answer.status != 204 && answer.status >= 200;
  const size_t length = has_body ? std::strtoull(answer.Header("content-length").c_str(), nullptr, 10) : 0;
  while (buffer_.size() < length) {
    if (!Fill()) break;
  }
  answer.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  if (answer.Header("connection") == "close") Disconnect();
  return answer;
}

size_t HttpClient::SkipAnswer() {
  HttpAnswer head = ReadAnswer("HEAD");
  const size_t length = std::strtoull(head.Header("content-length").c_str(), nullptr, 10);
  size_t skipped = 0;
  for (;;) {
    skipped += buffer_.size();
    buffer_.clear();
    if (skipped >= length || !Fill()) return skipped;
  }
}

void HttpClient::Disconnect() {
  socket_.Close();
  buffer_.clear();
}

bool HttpClient::Connect() {
  buffer_.clear();
  socket_ = FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return true;
  socket_.Close();
  return false;
}

bool HttpClient::Fill() {
  std::array<char, 65536> piece{};
  const ssize_t n = socket_.valid() ? recv(socket_.get(), piece.data(), piece.size(), 0) : -1;
  if (n <= 0) {
    socket_.Close();  // What came before stays readable.
    return false;
  }
  buffer_.append(piece.data(), static_cast<size_t>(n));
  return true;
}

}  // namespace cosfuse::emulator
