#include "emulator/faults/fault_rule.h"

#include "emulator/faults/draw.h"

namespace cosfuse::emulator {

bool MatchesGlob(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;  // The last one seen, and where what it stands for begins.
  size_t from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool Concerns(const FaultRule& rule, Operation operation, std::string_view key) {
  if (rule.operation && *rule.operation != operation) return false;
  return rule.key.empty() || MatchesGlob(rule.key, key);
}

bool Hits(const FaultRule& rule, uint64_t ordinal) {
  if (ordinal < rule.skip) return false;
  // Two kinds of the same seed and rate do not always meet in the same requests.
  const uint64_t sequence = rule.seed * kFaultKinds.size() + static_cast<uint64_t>(rule.fault.kind);
  return Draw(sequence, ordinal) < rule.rate;
}

}  // namespace cosfuse::emulator
