#include "emulator/faults/fault.h"

namespace cosfuse::emulator {

std::string_view FaultKindName(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::kStatus: return "status";
    case Fault::Kind::kHtml: return "html";
    case Fault::Kind::kErrorIn200: return "error-in-200";
    case Fault::Kind::kResetBefore: return "reset-before";
    case Fault::Kind::kBlackHole: return "black-hole";
    case Fault::Kind::kDelay: return "delay";
    case Fault::Kind::kResetAfter: return "reset-after";
    case Fault::Kind::kBlackHoleAfter: return "black-hole-after";
    case Fault::Kind::kTruncate: return "truncate";
    case Fault::Kind::kStall: return "stall";
    case Fault::Kind::kCorrupt: return "corrupt";
    case Fault::Kind::kWrongHeader: return "wrong-header";
    case Fault::Kind::kMissingHeader: return "missing-header";
    case Fault::Kind::kSpaces: return "spaces";
    case Fault::Kind::kRepeatToken: return "repeat-token";
  }
  return "";
}

std::optional<Fault::Kind> ParseFaultKind(std::string_view name) {
  for (const Fault::Kind kind : kFaultKinds) {
    if (FaultKindName(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace cosfuse::emulator
