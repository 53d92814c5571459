#include "fs/page_look.h"

#include <algorithm>
#include <iterator>

#include "fs/listing_assembler.h"
#include "fs/names.h"

namespace cosfuse {
namespace {

using Names = DirectoryListing::Names;

/// Of the 1000 names of a page; the others are for what has been added since.
constexpr size_t kNamesForAPage = 900;
/// So far before the name begins a page that shows it.
constexpr size_t kNamesBefore = 500;

size_t CommonLength(std::string_view left, std::string_view right) {
  const size_t most = std::min(left.size(), right.size());
  return static_cast<size_t>(std::mismatch(left.begin(), left.begin() + most, right.begin()).first - left.begin());
}

/// How long a prefix of `component` must be for a page to hold all known names that begin with it.
size_t LeastPrefix(const Names& names, std::string_view component) {
  auto above = names.lower_bound({.component = std::string(component)});
  auto below = above;
  for (size_t taken = 0;; ++taken) {
    // Neighbours have most in common.
    const bool more_below = below != names.begin();
    const bool more_above = above != names.end();
    if (!more_below && !more_above) return 0;
    const size_t common_below = more_below ? CommonLength(std::prev(below)->first.component, component) : 0;
    const size_t common_above = more_above ? CommonLength(above->first.component, component) : 0;
    if (taken == kNamesForAPage) return std::max(common_below, common_above) + 1;
    if (more_below && (!more_above || common_below >= common_above)) {
      --below;
    } else {
      ++above;
    }
  }
}

/// A known name before `component`, from which on a page of names in order shows it. Nothing where too many names stand
/// between its object and its prefix.
std::optional<std::string> FindStart(const DirectoryListing& listing, std::string_view component, MonotonicTime since) {
  const Names& names = listing.names();
  const auto here = names.lower_bound({.component = std::string(component)});
  const std::string last = std::string(component) + '/';
  auto between = here;
  for (size_t i = 0; between != names.end() && between->first.component < last; ++between) {
    if (++i > kNamesForAPage - kNamesBefore) return std::nullopt;
  }
  if (names.size() <= kNamesForAPage) return std::string();
  auto start = here;
  for (size_t i = 0; i < kNamesBefore && start != names.begin(); ++i) {
    --start;
    // What is fresh is not asked for again.
    const Evidence shown = listing.ShownAt(start->second.name);
    if (shown && *shown > since) break;
  }
  return start == names.begin() ? std::string() : start->first.component;
}

bool IsBehind(const ObjectKey& start, const ListPage& page) {
  const auto behind = [&](const ObjectKey& key) { return key > start; };
  return std::ranges::all_of(page.objects, behind, &ListedObject::key) &&
         std::ranges::all_of(page.common_prefixes, behind);
}

/// The last of its keys and prefixes.
std::optional<ObjectKey> FindLast(const ListPage& page) {
  std::optional<ObjectKey> last;
  if (!page.objects.empty()) last = page.objects.back().key;
  if (!page.common_prefixes.empty()) last = std::max(last.value_or(ObjectKey()), page.common_prefixes.back());
  return last;
}

}  // namespace

std::optional<PageLook> PlanPageLook(const LookFacts& facts, const LookMemory& memory) {
  if (memory.under_way || memory.refused) return std::nullopt;
  const bool pays = (facts.expects_absence && (facts.listed_whole || facts.absences_in_a_row)) ||
                    (facts.expects_proof && facts.listed_whole);
  if (!pays) return std::nullopt;
  if (facts.sorted && facts.listed_whole && facts.listing != nullptr) {
    auto start = FindStart(*facts.listing, facts.component, facts.since);
    if (!start) return std::nullopt;
    return PageLook{.prefix = {}, .start_after = *std::move(start)};
  }
  size_t length = memory.least_prefix;
  // Names that are asked for in a row have much in common.
  if (length > 0 && !facts.listed_whole) length = std::max(length, CommonLength(facts.component, memory.last_absent));
  if (facts.listing != nullptr) length = std::max(length, LeastPrefix(facts.listing->names(), facts.component));
  while (CutsCharacter(facts.component, length)) ++length;
  return PageLook{.prefix = std::string(facts.component.substr(0, length)), .start_after = {}};
}

PageShown InterpretPage(const ObjectKey& directory_key, const PageLook& look, const ListPage& page, bool trust_order) {
  ListingAssembler assembler(directory_key, false);
  assembler.AddPage(page);
  assembler.Finish();
  PageShown shown;
  for (auto names = assembler.Take(); !names.empty(); names = assembler.Take()) {
    std::ranges::move(names, std::back_inserter(shown.names));
  }
  shown.sorted = assembler.sorted();
  if (std::ranges::any_of(shown.names, MayBeOldMarker)) return shown;
  Stretch stretch = StretchOfPrefix(look.prefix);
  if (!look.start_after.empty()) {
    shown.sorted = shown.sorted && IsBehind(directory_key + look.start_after, page);
    stretch.from = look.start_after + '\0';
  }
  const bool last = page.next_token.empty();
  const bool needs_order = !last || !look.start_after.empty();
  if (needs_order && !(trust_order && shown.sorted)) return shown;
  if (!last) {
    const auto end = FindLast(page);
    if (!end || end->size() <= directory_key.size()) return shown;
    stretch.end = end->substr(directory_key.size()) + '\0';
  }
  shown.stretch = std::move(stretch);
  return shown;
}

}  // namespace cosfuse
