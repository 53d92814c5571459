#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "emulator/cos/operation.h"

namespace cosfuse::emulator {

/// What goes wrong with one request.
struct Fault {
  enum class Kind {
    kStatus,       ///< Answered with `status` and `code`; nothing is carried out.
    kResetBefore,  ///< The connection is reset; nothing is carried out.
    kResetAfter,   ///< The request is carried out, but its answer lost.
    kErrorIn200,   ///< Status 200 with an <Error> of `code` as its body; nothing is carried out.
  };
  Kind kind = Kind::kStatus;
  int status = 500;
  std::string code = "InternalError";
};

/// "status", "reset-before", "reset-after", "error-in-200".
std::string_view FaultKindName(Fault::Kind kind);
std::optional<Fault::Kind> ParseFaultKind(std::string_view name);

/// The faults that are still to be injected, in the order in which they were added. Thread-safe.
class FaultPlan {
 public:
  /// The next `count` requests of `operation` (nothing: of any) fail.
  void Add(std::optional<Operation> operation, Fault fault, uint64_t count) EXCLUDES(mutex_);
  void Clear() EXCLUDES(mutex_);
  /// The fault for a request of this operation, if one is due; it is used up by that.
  std::optional<Fault> Take(Operation operation) EXCLUDES(mutex_);

 private:
  struct Rule {
    std::optional<Operation> operation;
    Fault fault;
    uint64_t remaining;
  };

  std::atomic<bool> any_{false};  // Spares requests the lock while there is nothing to inject.

  Mutex mutex_;
  std::list<Rule> rules_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse::emulator
