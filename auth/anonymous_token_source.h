#pragma once

#include "auth/token_source.h"

namespace cosfuse {

/// No authorisation at all: for a public bucket, or a store that asks for none.
class AnonymousTokenSource final : public TokenSource {
 public:
  Result<AccessToken> Get(const OpContext& /*context*/) override { return AccessToken(); }
  void OnAccepted(const AccessToken& /*token*/) override {}
  bool OnRefused(const OpContext& /*context*/, const AccessToken& /*token*/) override { return false; }
};

}  // namespace cosfuse
