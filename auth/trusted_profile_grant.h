#pragma once

#include <string>

#include "auth/grant.h"
#include "auth/token_file.h"

namespace cosfuse {

/// The pod's projected service-account token, exchanged under a trusted profile. Thread-safe.
class TrustedProfileGrant final : public Grant {
 public:
  /// `disk` outlives this object. `token_file` is absolute.
  TrustedProfileGrant(TrustedProfile profile, Disk& disk, std::string token_file);

  const std::string& label() const override { return label_; }
  Result<PreparedGrant> Prepare() const override;

 private:
  const TrustedProfile profile_;
  const std::string label_;
  const TokenFile token_file_;
};

}  // namespace cosfuse
