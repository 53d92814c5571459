#include "emulator/faults.h"

#include <utility>

namespace cosfuse::emulator {

std::string_view FaultKindName(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::kStatus: return "status";
    case Fault::Kind::kResetBefore: return "reset-before";
    case Fault::Kind::kResetAfter: return "reset-after";
    case Fault::Kind::kErrorIn200: return "error-in-200";
  }
  return "";
}

std::optional<Fault::Kind> ParseFaultKind(std::string_view name) {
  using enum Fault::Kind;
  for (const Fault::Kind kind : {kStatus, kResetBefore, kResetAfter, kErrorIn200}) {
    if (FaultKindName(kind) == name) return kind;
  }
  return std::nullopt;
}

void FaultPlan::Add(std::optional<Operation> operation, Fault fault, uint64_t count) {
  if (count == 0) return;
  MutexLock lock(mutex_);
  rules_.push_back({operation, std::move(fault), count});
  any_.store(true);
}

void FaultPlan::Clear() {
  MutexLock lock(mutex_);
  rules_.clear();
  any_.store(false);
}

std::optional<Fault> FaultPlan::Take(Operation operation) {
  if (!any_.load()) return std::nullopt;
  MutexLock lock(mutex_);
  for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
    if (rule->operation && *rule->operation != operation) continue;
    Fault fault = rule->fault;
    if (--rule->remaining == 0) rules_.erase(rule);
    any_.store(!rules_.empty());
    return fault;
  }
  return std::nullopt;
}

}  // namespace cosfuse::emulator
