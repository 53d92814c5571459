#include "fs/freshness.h"

#include <algorithm>

namespace cosfuse {

Duration RemainingLifetime(const Evidence& evidence, MonotonicTime now, Duration ttl) {
  if (!evidence) return Duration(0);
  const Duration age = std::max(now - *evidence, Duration(0));
  return std::max(ttl - age, Duration(0));
}

OpenCheck DecideOpenCheck(const OpenFacts& facts) {
  if (facts.local_authority) return OpenCheck::kNone;
  const bool proven = facts.fresh || facts.just_looked_up;
  if (!facts.reads_only || facts.size > kWholeReadLimit) return proven ? OpenCheck::kNone : OpenCheck::kHead;
  if (facts.content_at_hand) return proven ? OpenCheck::kNone : OpenCheck::kGetIfChanged;
  // The bytes are needed anyway, and only a whole answer is one version however often others rewrite the object.
  return proven && facts.size == 0 ? OpenCheck::kNone : OpenCheck::kGetWhole;
}

VersionMove DecideVersionMove(const VersionFacts& facts) {
  if (facts.local_authority || facts.newer_evidence) return VersionMove::kKeep;
  if (facts.same_version) return VersionMove::kConfirm;
  return facts.used ? VersionMove::kReplace : VersionMove::kMoveInPlace;
}

}  // namespace cosfuse
