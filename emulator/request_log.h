#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "emulator/wire/headers.h"

namespace cosfuse::emulator {

struct LogEntry {
  WallTime time{};
  std::string_view operation;  ///< Empty for a request that is no operation.
  std::string_view method;
  std::string_view path;
  std::string_view query;
  int status = 0;  ///< 0 where the connection was reset.
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  Duration duration{};
  std::string_view fault;  ///< Kind of the injected fault; empty where there was none.
};

/// One line of the log: a JSON object. Of the request's headers only conditions, ranges and copy sources are shown, so
/// never a token. Pure.
std::string FormatLogLine(const LogEntry& entry, const Headers& headers);

/// Appends a line per answered request to a file, before the answer leaves. Thread-safe: a line is one write.
class RequestLog {
 public:
  /// Errors: those of opening the file.
  static Result<std::unique_ptr<RequestLog>> Open(const std::string& path);
  void Write(const LogEntry& entry, const Headers& headers) const;

 private:
  explicit RequestLog(FileDescriptor file) : file_(std::move(file)) {}
  const FileDescriptor file_;
};

}  // namespace cosfuse::emulator
