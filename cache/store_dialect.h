#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Where a store honours the conditions of a multipart upload. A header that a store does not know is ignored, and
/// looks like a condition that held; what the public service does is documented nowhere. So it is found out
/// (dialect_probe.h), and whoever plans a conditional upload goes by this value.
struct StoreDialect {
  /// Judged when the upload begins; then, as documented for COS on premises, once more when it completes.
  bool conditions_at_begin = false;
  bool conditions_at_complete = false;  ///< Those that the completion itself carries.
  friend bool operator==(const StoreDialect&, const StoreDialect&) = default;
};

/// Whether an upload in parts under `conditions` has to look at the object right before it completes, because the store
/// would let it replace any version. Looking leaves a window of one request; it is the best that such a store allows.
/// Pure.
bool MustLookBeforeComplete(const StoreDialect& dialect, const Conditions& conditions);

/// What that look means: the error of a condition that does not hold, or of a look that failed. `may_be_blind`: a role
/// that may not look goes on. Pure.
Result<> JudgeLookBeforeComplete(const Conditions& conditions, const Result<ObjectInfo>& seen, bool may_be_blind);

/// A dialect as it is remembered on disk, with the store that it was found at: text of a few lines, versioned. Pure.
std::string FormatStoreDialect(const StoreDialect& dialect, std::string_view store, WallTime found_at);

/// The reverse. Nothing where the text is of another store or version, damaged, or older than a week: services change.
std::optional<StoreDialect> ParseStoreDialect(std::string_view text, std::string_view store, WallTime now);

}  // namespace cosfuse
