#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Where the losers of conflicts go.
struct ConflictPlace {
  std::string host_name = "unknown";
  std::string prefix{};  ///< Before the whole key, as long as that leaves room; empty: beside the object.
};

/// The key under which the loser of a conflict keeps its bytes: `NAME.conflict-HOST-TIME`, with `-N` behind it when
/// `attempt` N is not 0 (the name before was taken), and `ending`. TIME is UTC, `20260131T235959Z`.
///
/// HOST loses what is not a letter, digit, dot or hyphen. NAME is shortened, at a UTF-8 boundary where it is UTF-8, so
/// that the last component stays within 255 bytes and the key within 1024; so it never is a name that the kernel
/// refuses. A key whose directories alone leave no room gets a name shortened to nothing: the store refuses that.
ObjectKey ConflictSiblingKey(const ObjectKey& key, const ConflictPlace& place, WallTime now, int attempt,
                             std::string_view ending = {});

/// What the keys of all siblings of `key` with that ending begin with, whichever host made them and when; but for those
/// whose NAME had to be shortened differently.
ObjectKey ConflictSiblingPrefix(const ObjectKey& key, const ConflictPlace& place, std::string_view ending = {});

}  // namespace cosfuse
