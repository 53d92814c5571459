#pragma once

#include <string>

#include "base/error.h"

namespace cosfuse::emulator {

/// What a test or a script needs to know of a running emulator.
struct ReadyFacts {
  int pid = 0;
  int port = 0;
  std::string endpoint;
  std::string bucket;
  std::string profile_id;
  std::string token_file;  ///< Empty where none is kept.
  std::string ca_file;     ///< Empty without TLS.
};

/// One JSON object and a line end. Pure.
std::string FormatReadyFacts(const ReadyFacts& facts);
/// Writes the facts so that a reader sees all of them or no file. Errors: kUnavailable.
Result<> WriteReadyFile(const std::string& path, const ReadyFacts& facts);

}  // namespace cosfuse::emulator
