#pragma once

#include <string>

#include "emulator/iam/rsa_key.h"

namespace cosfuse::emulator {

/// The key in `path`; where there is no file, a new one, which the file has from then on, for its owner alone. Of
/// processes that do this at the same time all get the same key. Errors: kUnavailable: the file cannot be read or
/// written; kInvalidArgument: it has no key.
Result<RsaKey> ReadOrMakeSigningKey(const std::string& path);

}  // namespace cosfuse::emulator
