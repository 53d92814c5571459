#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_range.h"
#include "base/clock.h"

namespace cosfuse::emulator {

/// What goes wrong with one request. A plain value; docs/EMULATOR.md says what the client sees of each kind.
struct Fault {
  enum class Kind {
    // Nothing is carried out.
    kStatus,
    kHtml,
    kErrorIn200,
    kResetBefore,
    kBlackHole,
    // The request is carried out.
    kDelay,
    kResetAfter,
    kBlackHoleAfter,
    kTruncate,
    kStall,
    kCorrupt,
    kWrongHeader,
    kMissingHeader,
    kSpaces,
    kRepeatToken,
  };

  Kind kind = Kind::kStatus;
  int status = 500;                    ///< kStatus, kHtml.
  std::string code = "InternalError";  ///< kStatus, kErrorIn200.
  std::string retry_after;             ///< kStatus, kHtml: the header's value; empty: none.
  std::optional<ByteCount> at;         ///< kTruncate, kStall, kCorrupt: a byte of the body; its middle if not given.
  Duration pause{};                    ///< kDelay; kStall (0: for ever); kSpaces and kErrorIn200: before each space.
  size_t spaces = 0;                   ///< kSpaces, kErrorIn200: how many stand in the body before its content.
  std::string header;                  ///< kWrongHeader, kMissingHeader.
  std::optional<std::string> value;    ///< kWrongHeader; one that is nearly right if not given.
};

inline constexpr std::array kFaultKinds = {
    Fault::Kind::kStatus,        Fault::Kind::kHtml,   Fault::Kind::kErrorIn200, Fault::Kind::kResetBefore,
    Fault::Kind::kBlackHole,     Fault::Kind::kDelay,  Fault::Kind::kResetAfter, Fault::Kind::kBlackHoleAfter,
    Fault::Kind::kTruncate,      Fault::Kind::kStall,  Fault::Kind::kCorrupt,    Fault::Kind::kWrongHeader,
    Fault::Kind::kMissingHeader, Fault::Kind::kSpaces, Fault::Kind::kRepeatToken};

/// "reset-before".
std::string_view FaultKindName(Fault::Kind kind);
std::optional<Fault::Kind> ParseFaultKind(std::string_view name);

}  // namespace cosfuse::emulator
