#include "emulator/iam/access_tokens.h"

#include <utility>

#include "base/encoding.h"

namespace cosfuse::emulator {

void AccessTokens::Add(std::string token, Grantee grantee, MonotonicTime now, Duration lifetime) {
  MutexLock lock(mutex_);
  std::erase_if(entries_, [now](const auto& entry) { return entry.second.expires <= now; });
  entries_.insert_or_assign(std::move(token), Entry{std::move(grantee), now + lifetime});
}

std::optional<Grantee> AccessTokens::Find(const std::string& token, MonotonicTime now) const {
  MutexLock lock(mutex_);
  const auto found = entries_.find(token);
  if (found == entries_.end() || found->second.expires <= now) return std::nullopt;
  return found->second.grantee;
}

void AccessTokens::RevokeAll() {
  MutexLock lock(mutex_);
  entries_.clear();
}

size_t AccessTokens::size() const {
  MutexLock lock(mutex_);
  return entries_.size();
}

std::optional<std::string> BearerToken(std::string_view authorization) {
  const size_t space = authorization.find(' ');
  if (space == std::string_view::npos || ToLowerAscii(authorization.substr(0, space)) != "bearer") return std::nullopt;
  return std::string(TrimWhitespace(authorization.substr(space)));
}

}  // namespace cosfuse::emulator
