#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <memory>

namespace cosfuse {
namespace {

std::atomic<bool> json_lines = false;

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::err;
}

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto created = std::make_shared<spdlog::logger>("cosfuse", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_level(spdlog::level::warn);
    created->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    created->flush_on(spdlog::level::debug);
    return created;
  }();
  return *logger;
}

void AppendEscaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      out += escape.data();
    } else {
      out += c;
    }
  }
}

std::string Quoted(std::string_view value) {
  std::string out = "\"";
  AppendEscaped(out, value);
  return out + "\"";
}

}  // namespace

std::string FormatLogText(std::string_view message, std::initializer_list<LogField> fields) {
  std::string line;
  AppendEscaped(line, message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    const bool bare = !field.value.empty() && field.value.find_first_of(" \"\\=\n\r\t") == std::string::npos;
    line += bare ? field.value : Quoted(field.value);
  }
  return line;
}

std::string FormatLogJson(std::string_view message, std::initializer_list<LogField> fields) {
  std::string line = "\"message\":" + Quoted(message);
  for (const LogField& field : fields) line += "," + Quoted(field.key) + ":" + Quoted(field.value);
  return line;
}

void ConfigureLogging(LogLevel level, LogFormat format) {
  json_lines = format == LogFormat::kJson || (format == LogFormat::kAuto && isatty(STDERR_FILENO) == 0);
  Logger().set_level(ToSpdlog(level));
  Logger().set_pattern(
      json_lines ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc);
}

void SetLogLevel(LogLevel level) { Logger().set_level(ToSpdlog(level)); }

bool IsLogged(LogLevel level) { return Logger().should_log(ToSpdlog(level)); }

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!Logger().should_log(ToSpdlog(level))) return;
  Logger().log(ToSpdlog(level), json_lines ? FormatLogJson(message, fields) : FormatLogText(message, fields));
}

}  // namespace cosfuse
