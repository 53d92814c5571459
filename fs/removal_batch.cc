#include "fs/removal_batch.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "fs/parallel.h"
#include "fs/removed_versions.h"
#include "fs/resolve.h"

namespace cosfuse {
namespace {

constexpr size_t kParallelLooks = 32;

}  // namespace

void RemovalBatch::Send(const OpContext& context) {
  const MonotonicTime began = clock_.Now();
  Prove(context);
  Delete(context);
  next_size_ = NextRemovalBatch(removals_.size(), clock_.Now() - began);
}

void RemovalBatch::GiveUp(const Error& error) {
  for (const auto& [key, removal] : removals_) errors_.emplace(key, error);
}

const Error* RemovalBatch::FindError(const ObjectKey& key) const {
  const auto found = errors_.find(key);
  return found == errors_.end() ? nullptr : &found->second;
}

bool RemovalBatch::IsStillThere(const ObjectKey& key, const Shown& shown) {
  JournaledRemoval& version = removals_.at(key).version;
  if (!IsRemoved(version, shown.etag, shown.modified, shown.ahead)) return false;
  version.modified = shown.modified;
  return true;
}

void RemovalBatch::Prove(const OpContext& context) {
  std::set<ObjectKey> looked;
  for (;;) {
    // Looks take time as well: what was fresh before them may not be so after them.
    const MonotonicTime now = clock_.Now();
    std::vector<ObjectKey> doubtful;
    for (const auto& [key, removal] : removals_) {
      if (!looked.contains(key) && !IsFresh(removal.shown, now, kEvidenceForDelete)) doubtful.push_back(key);
    }
    if (doubtful.empty()) break;
    looked.insert(doubtful.begin(), doubtful.end());
    const auto findings = Look(context, doubtful);
    for (const ObjectKey& key : doubtful) {
      if (!findings) {
        errors_.emplace(key, findings.error());
        continue;
      }
      const auto shown = findings->find(key);
      if (shown == findings->end()) continue;
      (IsStillThere(key, shown->second) ? proven_ : stays_).insert(key);
    }
  }
  for (const auto& [key, removal] : removals_) {
    if (!looked.contains(key)) proven_.insert(key);
  }
}

Result<RemovalBatch::Findings> RemovalBatch::Look(const OpContext& context, const std::vector<ObjectKey>& keys) const {
  const std::vector<RemovalLook> looks = PlanRemovalLooks(keys);
  std::vector<Findings> by_look(looks.size());
  RETURN_IF_ERROR(RunInParallel(pool_, looks.size(), kParallelLooks, [&](size_t i) -> Result<> {
    ASSIGN_OR_RETURN(by_look[i], LookInPages(context, looks[i]));
    return {};
  }));
  Findings findings;
  for (Findings& each : by_look) findings.merge(each);
  // That a listing does not show a key may be for its order.
  std::vector<ObjectKey> left;
  std::ranges::copy_if(keys, std::back_inserter(left), [&](const ObjectKey& key) { return !findings.contains(key); });
  std::vector<std::optional<Shown>> shown(left.size());
  RETURN_IF_ERROR(RunInParallel(pool_, left.size(), kParallelLooks, [&](size_t i) -> Result<> {
    const WallTime asked_at = clock_.WallNow();
    ASSIGN_OR_RETURN(const auto info, InterpretHead(store_.Head(context, left[i], {})));
    if (info) shown[i] = Shown{info->etag, info->last_modified, ClockAhead(info->answered_at, asked_at)};
    return {};
  }));
  for (size_t i = 0; i < left.size(); ++i) {
    if (shown[i]) findings.emplace(left[i], *std::move(shown[i]));
  }
  return findings;
}

Result<RemovalBatch::Findings> RemovalBatch::LookInPages(const OpContext& context, const RemovalLook& look) const {
  Findings findings;
  ListRequest request{.prefix = look.prefix, .start_after = look.start_after};
  bool go_on = look.keys.size() > 1;
  while (go_on) {
    const WallTime asked_at = clock_.WallNow();
    const auto page = store_.List(context, request);
    if (!page && page.error().code() == ErrorCode::kAccessDenied) break;
    if (!page) return Fail(page.error());
    const size_t before = findings.size();
    for (const ListedObject& object : page->objects) {
      if (!std::ranges::binary_search(look.keys, object.key)) continue;
      findings.emplace(object.key, Shown{object.etag, object.last_modified, ClockAhead(page->answered_at, asked_at)});
    }
    go_on =
        !page->next_token.empty() && IsNextPageWorthIt(findings.size() - before, look.keys.size() - findings.size());
    request.continuation_token = page->next_token;
    request.start_after.clear();
  }
  return findings;
}

Result<> RemovalBatch::LookAgain(const OpContext& context, const std::vector<ObjectKey>& keys) {
  ASSIGN_OR_RETURN(const Findings findings, Look(context, keys));
  for (const ObjectKey& key : keys) {
    const auto shown = findings.find(key);
    if (shown != findings.end() && IsStillThere(key, shown->second)) continue;
    proven_.erase(key);
    (shown == findings.end() ? gone_ : stays_).insert(key);
  }
  return proven_.size() == keys.size() ? Result<>() : Fail(ErrorCode::kUnavailable, "some of the files have gone");
}

void RemovalBatch::Delete(const OpContext& context) {
  while (!proven_.empty()) {
    const std::vector<ObjectKey> keys(proven_.begin(), proven_.end());
    // What was sent and not answered for may have been done, and the name have something new.
    const OpContext guarded = context.WithRetryGuard([&] { return LookAgain(context, keys); });
    auto failures = keys.size() == 1 ? DeleteOne(guarded, keys.front()) : store_.DeleteMany(guarded, keys);
    // Then others may have failed for that alone.
    const bool some_were_gone = proven_.size() < keys.size();
    std::map<ObjectKey, Error> failed;
    if (failures) {
      for (DeleteFailure& each : *failures) failed.emplace(std::move(each.key), std::move(each.error));
    } else {
      for (const ObjectKey& key : keys) failed.emplace(key, failures.error());
    }
    for (const ObjectKey& key : keys) {
      if (!proven_.contains(key)) continue;
      const auto failure = failed.find(key);
      if (failure == failed.end()) {
        gone_.insert(key);
      } else if (!some_were_gone || IsRemovalRefused(failure->second.code())) {
        errors_.emplace(key, failure->second);
      } else {
        continue;  // It is asked for anew.
      }
      proven_.erase(key);
    }
  }
}

Result<std::vector<DeleteFailure>> RemovalBatch::DeleteOne(const OpContext& context, const ObjectKey& key) {
  RETURN_IF_ERROR(store_.Delete(context, key));
  return {};
}

}  // namespace cosfuse
