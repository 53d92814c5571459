#include "emulator/request_log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/disk.h"
#include "base/log.h"

namespace cosfuse::emulator {
namespace {

using Json = nlohmann::json;

bool IsShown(std::string_view name) {
  return name.starts_with("if-") || name.starts_with("x-amz-copy-source") || name == "range" ||
         name == "x-amz-metadata-directive";
}

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::string FormatLogLine(const LogEntry& entry, const Headers& headers) {
  Json shown = Json::object();
  for (const auto& [name, value] : headers) {
    if (IsShown(name)) shown[name] = value;
  }
  const Json line = {{"t", Seconds(entry.time.time_since_epoch())},
                     {"op", entry.operation},
                     {"method", entry.method},
                     {"path", entry.path},
                     {"query", entry.query},
                     {"status", entry.status},
                     {"bytes_in", entry.bytes_in},
                     {"bytes_out", entry.bytes_out},
                     {"ms", Seconds(entry.duration) * 1000},
                     {"headers", shown},
                     {"fault", entry.fault}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";  // Keys may be any bytes.
}

Result<std::unique_ptr<RequestLog>> RequestLog::Open(const std::string& path) {
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file.valid()) return Fail(ErrorFromErrno(errno, path));
  return std::unique_ptr<RequestLog>(new RequestLog(std::move(file)));
}

void RequestLog::Write(const LogEntry& entry, const Headers& headers) const {
  const std::string line = FormatLogLine(entry, headers);
  if (write(file_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    Log(LogLevel::kError, "cannot write the request log");
  }
}

}  // namespace cosfuse::emulator
