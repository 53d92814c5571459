#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/cos/operation.h"
#include "emulator/faults/fault.h"

namespace cosfuse::emulator {

/// Which requests a fault hits: of those that the rule concerns, first `skip` are spared, then a share of `rate` is
/// hit, until that has happened `count` times. A plain value.
struct FaultRule {
  std::optional<Operation> operation;  ///< Nothing: any.
  std::string key;                     ///< A pattern (MatchesGlob); empty: any.
  Fault fault;
  double rate = 1;
  uint64_t seed = 1;
  uint64_t skip = 0;
  std::optional<uint64_t> count;  ///< Nothing: without end.
};

/// Whether `text` as a whole has the form of `pattern`, in which `*` stands for any bytes and `?` for one. Pure.
bool MatchesGlob(std::string_view pattern, std::string_view text);

/// Whether the rule is about such a request. `key` is the object's, or the prefix of a listing. Pure.
bool Concerns(const FaultRule& rule, Operation operation, std::string_view key);

/// Whether the rule hits the `ordinal`th (from 0) of the requests that it concerns, its count aside. Depends on the
/// rule and the ordinal alone: the same run again meets the same faults. Pure.
bool Hits(const FaultRule& rule, uint64_t ordinal);

}  // namespace cosfuse::emulator
