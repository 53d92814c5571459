#include "auth/fake_token_source.h"

#include <string>
#include <utility>

namespace cosfuse {

Result<AccessToken> FakeTokenSource::Get(const OpContext& /*context*/) {
  MutexLock lock(mutex_);
  if (error_) return Fail(*error_);
  return AccessToken{.bearer = Secret("fake-token-" + std::to_string(generation_)), .generation = generation_};
}

void FakeTokenSource::OnAccepted(const AccessToken& /*token*/) {
  MutexLock lock(mutex_);
  ++accepted_;
}

bool FakeTokenSource::OnRefused(const OpContext& /*context*/, const AccessToken& token) {
  MutexLock lock(mutex_);
  ++refused_;
  if (token.generation != generation_) return true;
  if (renewals_left_ == 0) return false;
  --renewals_left_;
  ++generation_;
  return true;
}

void FakeTokenSource::SetError(std::optional<Error> error) {
  MutexLock lock(mutex_);
  error_ = std::move(error);
}

void FakeTokenSource::AllowRenewals(int count) {
  MutexLock lock(mutex_);
  renewals_left_ = count;
}

uint64_t FakeTokenSource::generation() const {
  MutexLock lock(mutex_);
  return generation_;
}

int FakeTokenSource::accepted() const {
  MutexLock lock(mutex_);
  return accepted_;
}

int FakeTokenSource::refused() const {
  MutexLock lock(mutex_);
  return refused_;
}

}  // namespace cosfuse
