#pragma once

#include <optional>

#include "base/byte_range.h"
#include "base/clock.h"

namespace cosfuse {

/// When something was last known to be so: the moment when the request that showed it was sent. Nothing: not known.
using Evidence = std::optional<MonotonicTime>;

/// The kernel looks a name up right before it opens, creates, unlinks or renames it. What such a lookup found still
/// counts for the operation that follows, however short the ttl.
inline constexpr Duration kLookupGrace = std::chrono::seconds(2);
/// Objects up to this size that are opened for reading come whole with one GET.
inline constexpr ByteCount kWholeReadLimit = 1 * kMiB;

/// How long what the evidence shows may still be believed; zero when no longer.
Duration RemainingLifetime(const Evidence& evidence, MonotonicTime now, Duration ttl);
inline bool IsFresh(const Evidence& evidence, MonotonicTime now, Duration ttl) {
  return RemainingLifetime(evidence, now, ttl) > Duration(0);
}

/// True where it was seen to be so after `since`.
inline bool IsSince(const Evidence& evidence, MonotonicTime since) { return evidence && *evidence > since; }

/// What an open knows of the node that it opens.
struct OpenFacts {
  bool local_authority = false;  ///< The node has unsent bytes or a writer: this mount knows best.
  bool fresh = false;            ///< The evidence for its version is within the ttl.
  bool just_looked_up = false;   ///< A lookup proved the version, and no open has relied on that yet.
  bool reads_only = false;
  bool content_at_hand = false;  ///< Bytes of the version are held here.
  ByteCount size = 0;
};

/// What an open has to ask the store.
enum class OpenCheck {
  kNone,
  kHead,          ///< Is the version still current?
  kGetWhole,      ///< The bytes, whatever version they are.
  kGetIfChanged,  ///< The same unless the version is still current.
};
OpenCheck DecideOpenCheck(const OpenFacts& facts);

/// What a lookup that met a version in the store does with the node that has the name.
struct VersionFacts {
  bool local_authority = false;
  bool same_version = false;
  bool newer_evidence = false;  ///< The node's evidence is younger than the lookup's: something was learnt meanwhile.
  bool used = false;            ///< It has been opened: the kernel may hold pages of its version.
};
enum class VersionMove {
  kKeep,         ///< The node goes on as it is; nothing is learnt.
  kConfirm,      ///< Same version: evidence and attributes are renewed.
  kMoveInPlace,  ///< The node becomes the newer version.
  kReplace,      ///< Another node takes the name: one node id stands for one version.
};
VersionMove DecideVersionMove(const VersionFacts& facts);

}  // namespace cosfuse
