#pragma once

#include <cstdint>
#include <optional>

#include "auth/token_source.h"
#include "base/mutex.h"

namespace cosfuse {

/// Gives "fake-token-N", where N is the generation, and counts what it is told. Thread-safe.
class FakeTokenSource final : public TokenSource {
 public:
  Result<AccessToken> Get(const OpContext& context) override EXCLUDES(mutex_);
  void OnAccepted(const AccessToken& token) override EXCLUDES(mutex_);
  /// True, under a new generation, as often as AllowRenewals says; always true for a token of an older generation.
  bool OnRefused(const OpContext& context, const AccessToken& token) override EXCLUDES(mutex_);

  /// Every Get fails with this until it is taken back.
  void SetError(std::optional<Error> error) EXCLUDES(mutex_);
  void AllowRenewals(int count) EXCLUDES(mutex_);

  uint64_t generation() const EXCLUDES(mutex_);
  int accepted() const EXCLUDES(mutex_);
  int refused() const EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::optional<Error> error_ GUARDED_BY(mutex_);
  uint64_t generation_ GUARDED_BY(mutex_) = 1;
  int renewals_left_ GUARDED_BY(mutex_) = 0;
  int accepted_ GUARDED_BY(mutex_) = 0;
  int refused_ GUARDED_BY(mutex_) = 0;
};

}  // namespace cosfuse
