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

/// What is wrong with the server's certificate, if anything. The authority's is always good.
enum class CertificateDefect { kNone, kExpired, kOtherName };

/// Valid from an hour ago for a year; an expired one ended a minute ago, one for another name is store.example's.
/// Errors: kInternal (OpenSSL).
Result<TlsMaterial> MakeTlsMaterial(CertificateDefect defect = CertificateDefect::kNone);

}  // namespace cosfuse::emulator
