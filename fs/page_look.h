#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cos/object_store.h"
#include "fs/directory_listing.h"
#include "fs/freshness.h"

namespace cosfuse {

// Whether the question what a name is should be put so that the answer tells of its neighbours as well: by one page of
// the directory's listing. Pure.

/// What earlier questions about names of a directory have taught.
struct LookMemory {
  std::string last_absent{};  ///< The last name that the store was asked for and does not have.
  Evidence last_absent_at{};  ///< Nothing: what it was asked for last is there.
  size_t least_prefix = 0;    ///< More names than a page holds begin with what is shorter.
  bool under_way = false;     ///< A page has been asked for, and is not here yet.
  bool refused = false;       ///< The role may not list the directory.
};

struct LookFacts {
  std::string_view component;  ///< Of the name that is asked for.
  bool expects_absence = false;
  /// A file whose version and attributes are known is still that, if the listing still has the entry that it has.
  bool expects_proof = false;
  const DirectoryListing* listing = nullptr;  ///< What was listed, however long ago; null: nothing.
  bool listed_whole = false;                  ///< That was all of the directory, then.
  bool sorted = false;                        ///< Its order can be trusted.
  MonotonicTime since{};                      ///< What was shown later counts.
  bool absences_in_a_row = false;             ///< The last question about another name was answered "no", a moment ago.
};

/// The page to ask for.
struct PageLook {
  std::string prefix;       ///< Of all components in it.
  std::string start_after;  ///< A component that is before all of these; empty: from the first one.

  friend bool operator==(const PageLook&, const PageLook&) = default;
};

/// Nothing where the question is better put about the name alone: it most likely exists, and a HEAD tells more.
std::optional<PageLook> PlanPageLook(const LookFacts& facts, const LookMemory& memory);

/// What a page shows.
struct PageShown {
  /// Of this it shows everything. Nothing: of no range that can be named, or an object beside a directory may be no
  /// name.
  std::optional<Stretch> stretch;
  std::vector<ListedName> names;
  bool sorted = true;  ///< It was in binary order.
};

/// A page is all of its prefix, or, where it is not the last one and the order can be trusted, all up to its end.
PageShown InterpretPage(const ObjectKey& directory_key, const PageLook& look, const ListPage& page, bool trust_order);

}  // namespace cosfuse
