#pragma once

#include <string>

#include "auth/credential_file.h"
#include "auth/grant.h"

namespace cosfuse {

/// An API key of a user or a service id, from a file: for what runs outside of a cluster. The key is read anew for each
/// exchange, so that it can be rotated, and is never taken from an argument or a variable, which others can read.
/// Thread-safe.
class ApiKeyGrant final : public Grant {
 public:
  /// `disk` outlives this object. `key_file` is absolute.
  ApiKeyGrant(Disk& disk, std::string key_file);

  const std::string& label() const override { return label_; }
  /// Beyond what Grant says: kUnauthenticated where the file holds more than a key.
  Result<PreparedGrant> Prepare() const override;

 private:
  const std::string label_;
  const CredentialFile file_;
};

}  // namespace cosfuse
