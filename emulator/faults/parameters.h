#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "emulator/faults/fault_rule.h"
#include "emulator/latency.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {

/// A value, or one line that says which parameter is wrong.
template <typename T>
using Parsed = std::expected<T, std::string>;

/// The parameter as a whole number. A parameter that is not there is wrong.
Parsed<uint64_t> ReadNumber(const Query& query, std::string_view name);

/// The rules of the control interface and the command line (docs/EMULATOR.md), as in
/// "op=PutObject&kind=status&status=503&rate=0.1&seed=7". Pure.
Parsed<FaultRule> ParseFaultRule(const Query& query);
/// "ms=20&jitter-ms=10&tail-rate=0.01&tail-ms=500&seed=7". Pure.
Parsed<LatencyModel> ParseLatencyModel(const Query& query);

}  // namespace cosfuse::emulator
