#include "emulator/cos/dialect.h"

namespace cosfuse::emulator {
namespace {

constexpr std::string_view kHonoured = "honoured";
constexpr std::string_view kIgnored = "ignored";
constexpr std::string_view kAtComplete = "complete";
constexpr std::string_view kAtBoth = "initiate-and-complete";

std::unexpected<Error> Unknown(std::string_view name, std::string_view value) {
  return Fail(ErrorCode::kInvalidArgument,
              "a dialect has no switch \"" + std::string(name) + "=" + std::string(value) + "\"");
}

bool* FindSwitch(Dialect& dialect, std::string_view name) {
  if (name == "put") return &dialect.conditions_on_put;
  if (name == "delete") return &dialect.conditions_on_delete;
  if (name == "copy-target") return &dialect.conditions_on_copy_target;
  return nullptr;
}

std::string_view NameOf(bool honoured) { return honoured ? kHonoured : kIgnored; }

std::string_view NameOfMultipart(const Dialect& dialect) {
  if (dialect.conditions_at_initiate) return kAtBoth;
  return dialect.conditions_at_complete ? kAtComplete : kIgnored;
}

}  // namespace

Result<> SetDialectSwitch(Dialect& dialect, std::string_view name, std::string_view value) {
  if (name == "multipart") {
    if (value != kAtBoth && value != kAtComplete && value != kIgnored) return Unknown(name, value);
    dialect.conditions_at_initiate = value == kAtBoth;
    dialect.conditions_at_complete = value != kIgnored;
    return {};
  }
  bool* found = FindSwitch(dialect, name);
  if (found == nullptr || (value != kHonoured && value != kIgnored)) return Unknown(name, value);
  *found = value == kHonoured;
  return {};
}

Result<Dialect> ParseDialect(std::string_view text, Dialect dialect) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view field = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const size_t equals = field.find('=');
    if (equals == std::string_view::npos) return Unknown(field, "");
    RETURN_IF_ERROR(SetDialectSwitch(dialect, field.substr(0, equals), field.substr(equals + 1)));
  }
  return dialect;
}

std::string FormatDialect(const Dialect& dialect) {
  std::string text = "put=";
  text.append(NameOf(dialect.conditions_on_put));
  text.append(",multipart=").append(NameOfMultipart(dialect));
  text.append(",delete=").append(NameOf(dialect.conditions_on_delete));
  text.append(",copy-target=").append(NameOf(dialect.conditions_on_copy_target));
  return text;
}

}  // namespace cosfuse::emulator
