#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "tests/fault/client_call.h"

namespace cosfuse::testing {

/// What has to come of a call that met a fault.
struct Outcome {
  std::optional<ErrorCode> error;  ///< None: it succeeds.
  int requests = 1;                ///< That the service saw, the one with the fault included.
  int extra = 0;                   ///< Requests more that a race may add.
  bool tested = true;              ///< False: the fault says nothing about this call (the row tells why).

  bool Allows(std::optional<ErrorCode> seen_error, int seen_requests) const {
    return seen_error == error && seen_requests >= requests && seen_requests <= requests + extra;
  }
};
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

/// One kind of fault, and what it does to each call.
struct FaultRow {
  std::string name;
  std::string parameters;  ///< Of the emulator's control interface (docs/EMULATOR.md), without the operation.
  Outcome otherwise;       ///< Of every call that is not among the exceptions.
  std::map<ClientCall, Outcome> exceptions{};
  /// The service falls silent: the client waits out its limits, and the calls are made side by side.
  bool silent = false;
  /// Copies and completions may stay silent for minutes by right: a deadline ends them here.
  bool deadline = false;
  Duration slept{};  ///< Waits between tries have to add up to this at least.

  Outcome Expected(ClientCall call) const {
    const auto exception = exceptions.find(call);
    return exception == exceptions.end() ? otherwise : exception->second;
  }
  friend std::ostream& operator<<(std::ostream& out, const FaultRow& row) { return out << row.name; }
};

/// Every kind of fault that the emulator knows.
std::span<const FaultRow> FaultRows();

}  // namespace cosfuse::testing
