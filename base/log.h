#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace cosfuse {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// One `key=value` of a log line. Values are escaped by the sink; they never hold a secret.
struct LogField {
  std::string_view key;
  std::string value;
};

enum class LogFormat {
  kAuto,  ///< Text on a terminal, JSON lines otherwise.
  kText,
  kJson,
};

/// Chooses level and format of the process's log, which goes to stderr. Call it once, before threads start; until then
/// warnings and errors are written as text.
void ConfigureLogging(LogLevel level, LogFormat format);
/// Another level from now on. Thread-safe.
void SetLogLevel(LogLevel level);

/// Whether lines of this level are written, for a hot path that would make its fields in vain. Thread-safe.
bool IsLogged(LogLevel level);

/// Writes one line. Thread-safe. An event is logged once, at the edge that answers for it (docs/ARCHITECTURE.md).
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

/// Renders a line's fields; pure, for the sinks and their tests.
std::string FormatLogText(std::string_view message, std::initializer_list<LogField> fields);
/// The same as the members of a JSON object, without braces.
std::string FormatLogJson(std::string_view message, std::initializer_list<LogField> fields);

}  // namespace cosfuse
