#pragma once

#include <string>

#include "base/error.h"
#include "emulator/wire/server.h"

namespace cosfuse::emulator {

/// A certificate authority made for one run, and the server's identity that it vouches for: 127.0.0.1 and localhost.
struct TlsMaterial {
  std::string ca_pem;
  TlsIdentity identity;
};

/// Valid from an hour ago for a year. Errors: kInternal (OpenSSL).
Result<TlsMaterial> MakeTlsMaterial();

}  // namespace cosfuse::emulator
