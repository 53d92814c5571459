#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"

namespace cosfuse::emulator {

struct HttpAnswer {
  int status = 0;                              ///< 0: the connection ended before an answer came.
  std::map<std::string, std::string> headers;  ///< Lower-case names.
  std::string body;

  /// Empty where there is no such header.
  std::string Header(const std::string& lower_case_name) const;
};

/// A blocking HTTP/1.1 client for tests: one connection to 127.0.0.1, kept alive, and every byte under the test's
/// control. A wait longer than some seconds counts as the end of the connection. Not thread-safe.
class HttpClient {
 public:
  using HeaderList = std::vector<std::pair<std::string, std::string>>;

  explicit HttpClient(uint16_t port) : port_(port) {}

  /// Sent with every request.
  void SetHeader(const std::string& name, const std::string& value) { common_.emplace_back(name, value); }

  /// Sends a whole request and reads its answer. Connects where there is no connection.
  HttpAnswer Do(std::string_view method, std::string_view target, const HeaderList& headers = {},
                std::string_view body = {});

  /// The parts of Do, for requests that are odd, slow or incomplete.
  void Send(std::string_view bytes);
  std::string FormatHead(std::string_view method, std::string_view target, const HeaderList& headers) const;
  HttpAnswer ReadAnswer(std::string_view method);
  /// Reads a whole answer, however long, without keeping it: the number of its body's bytes that came.
  size_t SkipAnswer();

  bool connected() const { return socket_.valid(); }
  void Disconnect();

 private:
  bool Connect();
  bool Fill();

  const uint16_t port_;
  HeaderList common_;
  FileDescriptor socket_;
  std::string buffer_;
};

}  // namespace cosfuse::emulator
