#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/clock.h"
#include "base/mutex.h"
#include "emulator/iam/roles.h"

namespace cosfuse::emulator {

/// What a token stands for: a profile, whose roles may change later, or fixed roles.
using Grantee = std::variant<std::string, RoleSet>;

/// The access tokens that are good now. Thread-safe.
class AccessTokens {
 public:
  /// Also forgets the ones that have expired.
  void Add(std::string token, Grantee grantee, MonotonicTime now, Duration lifetime) EXCLUDES(mutex_);
  /// Nothing for a token that is unknown, revoked or expired.
  std::optional<Grantee> Find(const std::string& token, MonotonicTime now) const EXCLUDES(mutex_);
  void RevokeAll() EXCLUDES(mutex_);
  size_t size() const EXCLUDES(mutex_);

 private:
  struct Entry {
    Grantee grantee;
    MonotonicTime expires;
  };

  mutable Mutex mutex_;
  std::unordered_map<std::string, Entry> entries_ GUARDED_BY(mutex_);
};

/// The token of an Authorization header, whose scheme may be written in any case. Nothing on any other scheme.
std::optional<std::string> BearerToken(std::string_view authorization);

}  // namespace cosfuse::emulator
