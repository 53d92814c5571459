#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct evp_pkey_st;

namespace cosfuse::emulator {

/// An RSA key pair for RS256 (RSASSA-PKCS1-v1_5 with SHA-256, RFC 7518). Thread-safe.
class RsaKey {
 public:
  /// A new key. At 2048 bits it takes up to a second. Errors: kInternal.
  static Result<RsaKey> Generate(unsigned bits = 2048);
  /// From a private key's text. Errors: kInvalidArgument: it is none of RSA.
  static Result<RsaKey> FromPem(std::string_view pem);
  /// The private key's text.
  std::string ToPem() const;

  /// The raw signature of `text`. Errors: kInternal.
  Result<std::string> Sign(std::string_view text) const;
  bool Verify(std::string_view text, std::string_view signature) const;

 private:
  explicit RsaKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace cosfuse::emulator
