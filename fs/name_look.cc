#include <utility>

#include "fs/answer_bracket.h"
#include "fs/directory_state.h"
#include "fs/kept_listing.h"
#include "fs/name_resolver.h"
#include "fs/names.h"

namespace cosfuse {
namespace {

/// From the moment when a look was planned to its end, whatever that is.
class LookUnderWay {
 public:
  explicit LookUnderWay(DirectoryNode& directory) : directory_(directory) {}
  ~LookUnderWay() {
    MutexLock lock(directory_.mutex);
    directory_.state().looks.under_way = false;
  }
  LookUnderWay(const LookUnderWay&) = delete;
  LookUnderWay& operator=(const LookUnderWay&) = delete;

 private:
  DirectoryNode& directory_;
};

}  // namespace

std::optional<NameResolver::PlannedLook> NameResolver::BeginLook(const DirectoryRef& directory, std::string_view name,
                                                                 const Known& known, MonotonicTime since) {
  const auto meaning = ParseName(name);
  // Without a ttl nothing is kept that could serve another name.
  if (!meaning || parts_.options.ttl == Duration(0)) return std::nullopt;
  const MonotonicTime a_moment_ago = parts_.clock.Now() - parts_.operation_tolerance();
  MutexLock lock(directory->mutex);
  DirectoryState& state = directory->state();
  LookFacts facts;
  facts.component = meaning->component;
  facts.expects_absence = known.expected == NameKind::kAbsent && !known.listed;
  facts.expects_proof = known.provable;
  facts.listing = state.listing ? &*state.listing : nullptr;
  facts.listed_whole = state.listing && state.listing_evidence;
  facts.sorted = state.listing_sorted;
  facts.since = since;
  facts.absences_in_a_row = IsSince(state.looks.last_absent_at, a_moment_ago) && state.looks.last_absent != name;
  auto look = PlanPageLook(facts, state.looks);
  if (!look) return std::nullopt;
  state.looks.under_way = true;
  return PlannedLook{*std::move(look), state.listing_sorted};
}

Result<Evidence> NameResolver::LookAround(const OpContext& context, const DirectoryRef& directory,
                                          std::string_view name, const Known& known, MonotonicTime since) {
  const auto planned = BeginLook(directory, name, known, since);
  if (!planned) return Evidence();
  const LookUnderWay under_way(*directory);
  const auto key = parts_.nodes.KeyOf(*directory);
  if (!key) return Evidence();
  const AnswerBracket bracket(*directory);
  std::vector<ListedName> unsent = parts_.nodes.UnsentFiles(*directory);
  const MonotonicTime at = parts_.clock.Now();
  ListRequest request;
  request.prefix = *key + planned->look.prefix;
  if (!planned->look.start_after.empty()) request.start_after = *key + planned->look.start_after;
  const auto page = parts_.store.List(context, request);
  if (!page && page.error().code() != ErrorCode::kAccessDenied) return Fail(page.error());
  std::optional<PageShown> shown;
  if (page) shown = InterpretPage(*key, planned->look, *page, planned->trust_order);
  size_t listed = 0;
  {
    MutexLock lock(directory->mutex);
    DirectoryState& state = directory->state();
    state.looks.refused = !shown;
    if (!shown) return Evidence();
    const bool crowded = !page->next_token.empty() && planned->look.start_after.empty();
    if (crowded) state.looks.least_prefix = planned->look.prefix.size() + 1;
    RecordPage(state, *std::move(shown), std::move(unsent), at, bracket.moment());
    const Evidence listed_at = ListedAt(state, name);
    if (!listed_at || *listed_at < at) return Evidence();
    if (AbsentAt(state, name)) NoteAbsence(state, name, at);
    listed = CountListed(state);
  }
  KeepListing(parts_, directory, listed);
  return Evidence(at);
}

}  // namespace cosfuse
