#include "fs/fuse/proc_status.h"

#include <signal.h>

#include <charconv>
#include <cstdint>
#include <optional>

namespace cosfuse {
namespace {

constexpr uint64_t Bit(int signal_number) { return uint64_t{1} << (signal_number - 1); }

/// What leaves a process alive by default: ignored, stopped or continued.
constexpr uint64_t kHarmless = Bit(SIGCHLD) | Bit(SIGURG) | Bit(SIGWINCH) | Bit(SIGCONT) | Bit(SIGSTOP) | Bit(SIGTSTP) |
                               Bit(SIGTTIN) | Bit(SIGTTOU);

constexpr uint64_t kExiting = 0x4;     // PF_EXITING
constexpr uint64_t kSignaled = 0x400;  // PF_SIGNALED

/// Where the line that begins with `label` begins.
size_t FindLine(std::string_view status, std::string_view label) {
  size_t at = status.find(label);
  while (at != std::string_view::npos && at != 0 && status[at - 1] != '\n') at = status.find(label, at + 1);
  return at;
}

/// The mask on the line that begins with `label`.
std::optional<uint64_t> ParseMask(std::string_view status, std::string_view label) {
  const size_t at = FindLine(status, label);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view value = status.substr(at + label.size());
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  uint64_t mask = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), mask, 16);
  if (error != std::errc()) return std::nullopt;
  return mask;
}

/// The number at `index` of blank-separated fields, counted from 0.
std::optional<int64_t> ParseField(std::string_view fields, int index) {
  for (; index > 0; --index) {
    const size_t blank = fields.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    fields.remove_prefix(blank + 1);
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(fields.data(), fields.data() + fields.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

CallerState ParseCallerState(std::string_view status) {
  const auto own = ParseMask(status, "SigPnd:");
  const auto shared = ParseMask(status, "ShdPnd:");
  const auto blocked = ParseMask(status, "SigBlk:");
  const auto ignored = ParseMask(status, "SigIgn:");
  const auto caught = ParseMask(status, "SigCgt:");
  if (!own || !shared || !blocked || !ignored || !caught) return CallerState::kUnknown;
  const uint64_t pending = *own | *shared;
  if ((pending & Bit(SIGKILL)) != 0) return CallerState::kFatalSignal;
  const uint64_t fatal = pending & ~*blocked & ~*ignored & ~*caught & ~kHarmless;
  return fatal != 0 ? CallerState::kFatalSignal : CallerState::kAlive;
}

bool HasMemory(std::string_view status) { return FindLine(status, "VmSize:") != std::string_view::npos; }

ExitKind ParseExitKind(std::string_view stat) {
  // The second field is the command's name in parentheses, which may hold blanks and parentheses itself.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 > stat.size()) return ExitKind::kRunning;
  const std::string_view fields = stat.substr(name_end + 2);  // From field 3 on.
  const auto flags = ParseField(fields, 9 - 3);
  const auto exit_code = ParseField(fields, 52 - 3);
  if (!flags || (static_cast<uint64_t>(*flags) & kExiting) == 0) return ExitKind::kRunning;
  if (exit_code && (*exit_code & 0x7f) != 0) return ExitKind::kKilled;
  return (static_cast<uint64_t>(*flags) & kSignaled) != 0 ? ExitKind::kMaybeKilled : ExitKind::kNormal;
}

}  // namespace cosfuse
