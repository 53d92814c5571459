#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cos/object_store.h"

namespace cosfuse {

// How a batch of removed names reaches the store, as functions without requests, clocks or locks. Who acts on it:
// RemovalBatch.

/// Names are gathered for so long after the first of them.
inline constexpr Duration kRemovalDelay = std::chrono::milliseconds(50);
/// What was seen so long ago at most is deleted without another look.
inline constexpr Duration kEvidenceForDelete = std::chrono::seconds(1);

/// Keys that are looked at by pages of one listing: below `prefix`, from behind `start_after` on.
struct RemovalLook {
  std::string prefix;
  std::string start_after;
  std::vector<ObjectKey> keys;  ///< In binary order; one alone is asked for itself.
  friend bool operator==(const RemovalLook&, const RemovalLook&) = default;
};
/// `keys`: in binary order. Neighbours of one directory are looked at together.
std::vector<RemovalLook> PlanRemovalLooks(std::span<const ObjectKey> keys);

/// A page of a look has shown `shown` of its keys, and `left` are still not shown: whether the next page is worth its
/// request more than asking for the keys themselves.
bool IsNextPageWorthIt(size_t shown, size_t left);

/// How many names the next request may take, after one of `sent` took so long: what was seen before it must not be old
/// when the last of them goes, also where the store wants them one by one.
size_t NextRemovalBatch(size_t sent, Duration took);

/// No time will mend that: the name comes back.
bool IsRemovalRefused(ErrorCode code);

}  // namespace cosfuse
