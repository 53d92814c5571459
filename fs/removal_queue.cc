#include "fs/removal_queue.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "cos/limits.h"
#include "fs/directory_state.h"
#include "fs/parallel.h"
#include "fs/removal_plan.h"
#include "fs/resolve.h"

namespace cosfuse {
namespace {

/// Who removes faster than the store does waits.
constexpr size_t kMostRemovals = 4000;
/// Of one try of one batch; what does not end within it is tried again later.
constexpr Duration kLongestTry = std::chrono::seconds(60);
constexpr size_t kParallelLooks = 16;
/// Refused removals that are remembered for whoever asks.
constexpr size_t kMostRefused = 100;

bool IsBelow(const ObjectKey& key, const ObjectKey& prefix) { return key == prefix || KeysOverlap(prefix, key); }

}  // namespace

RemovalQueue::RemovalQueue(Parts& parts, ObjectStore& store, RemovedVersions& removed, Journal* journal)
    : parts_(parts), store_(store), removed_(removed), journal_(journal), timer_(parts.clock) {}

Result<> RemovalQueue::Add(const OpContext& context, const ObjectKey& key, Removal removal, KeyGate::Hold& hold) {
  const auto wake = context.OnCancel([this] {
    MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
  {
    MutexLock lock(mutex_);
    while (entries_.size() >= kMostRemovals) {
      RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
      changed_.WaitUntil(mutex_, context.deadline());
    }
  }
  RETURN_IF_ERROR(journal_->Append(JournalRemovalBegun{key, removal.version}));
  removed_.Add(key, removal.version);
  hold.OnWaitedFor([this] { Start(); });
  bool many = false;
  {
    MutexLock lock(mutex_);
    entries_[key] =
        Entry{std::move(removal), std::move(hold), parts_.clock.Now(), ++added_, 0, parts_.cache.promised()};
    many = entries_.size() >= kMaxKeysPerDelete;
    StartLaterLocked(kRemovalDelay);
  }
  if (many) Start();
  return {};
}

void RemovalQueue::Resume(const std::map<ObjectKey, JournaledRemoval>& left) {
  if (left.empty()) return;
  Log(LogLevel::kInfo, "files that were removed when an earlier process ended are removed from the bucket",
      {{"files", std::to_string(left.size())}});
  for (const auto& [key, removal] : left) {
    auto hold = parts_.gate.EnterAlone(OpContext::Immediate(), {key});
    if (!hold) continue;  // Cannot be: nobody else is here yet. It stays in the journal.
    removed_.Add(key, removal);
    hold->OnWaitedFor([this] { Start(); });
    MutexLock lock(mutex_);
    entries_[key] = Entry{{.directory = nullptr, .version = removal, .shown = {}},
                          *std::move(hold),
                          parts_.clock.Now(),
                          ++added_,
                          0,
                          parts_.cache.promised()};
  }
  Start();
}

Result<> RemovalQueue::Flush(const OpContext& context, const ObjectKey& prefix) { return Wait(context, prefix, false); }

Result<> RemovalQueue::FlushAll(const OpContext& context) { return Wait(context, {}, true); }

Result<> RemovalQueue::Wait(const OpContext& context, const ObjectKey& prefix, bool through_failures) {
  const auto wake = context.OnCancel([this] {
    MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
  const MonotonicTime now = parts_.clock.Now();
  const OpContext limited =
      through_failures ? context : context.WithDeadline(std::min(context.deadline(), now + context.patience()));
  uint64_t last = 0;
  uint64_t failed_try = 0;
  {
    MutexLock lock(mutex_);
    last = added_;
    // One that is under way may have begun before.
    failed_try = tries_ + (running_ ? 2 : 1);
  }
  Start();
  MutexLock lock(mutex_);
  const auto waits_for = [&](const auto& each) { return each.second.number <= last && IsBelow(each.first, prefix); };
  while (std::ranges::any_of(entries_, waits_for)) {
    if (!through_failures && failure_ && tries_ >= failed_try) return Fail(*failure_);
    RETURN_IF_ERROR(limited.CheckMayWait(parts_.clock.Now()));
    changed_.WaitUntil(mutex_, limited.deadline());
  }
  std::optional<Error> first;
  for (auto at = refused_.begin(); at != refused_.end();) {
    const bool below = IsBelow(at->first, prefix);
    if (below && !first) first = at->second;
    at = below ? refused_.erase(at) : std::next(at);
  }
  return first ? Result<>(Fail(*std::move(first))) : Result<>();
}

size_t RemovalQueue::size() const {
  MutexLock lock(mutex_);
  return entries_.size();
}

void RemovalQueue::Stop() {
  stop_->Cancel();
  timer_.Stop();
}

void RemovalQueue::Start() {
  {
    MutexLock lock(mutex_);
    if (entries_.empty() || stop_->cancelled()) return;
    if (running_) {
      wanted_ = true;
      return;
    }
    running_ = true;
  }
  parts_.pool.Post([this] { Run(); });
}

void RemovalQueue::StartLaterLocked(Duration delay) {
  if (running_ || std::exchange(start_is_due_, true)) return;
  timer_.RunAfter(delay, [this] {
    {
      MutexLock lock(mutex_);
      start_is_due_ = false;
    }
    Start();
  });
}

void RemovalQueue::Run() {
  Batch batch = TakeBatch();
  if (!batch.removals.empty()) Send(batch);
  auto failure = Settle(batch);
  MutexLock lock(mutex_);
  running_ = false;
  ++tries_;
  failures_ = failure ? failures_ + 1 : 0;
  failure_ = std::move(failure);
  changed_.NotifyAll();
  const bool wanted = std::exchange(wanted_, false);
  if (entries_.empty() || stop_->cancelled()) return;
  StartLaterLocked(wanted || !failure_ ? kRemovalDelay : RemovalRetryDelay(failures_));
}

RemovalQueue::Batch RemovalQueue::TakeBatch() {
  MutexLock lock(mutex_);
  // What has failed comes after what has not been tried.
  std::vector<std::tuple<int, uint64_t, ObjectKey>> oldest;
  oldest.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) oldest.emplace_back(entry.failures, entry.number, key);
  std::ranges::sort(oldest);
  if (oldest.size() > batch_size_) oldest.resize(batch_size_);
  Batch batch;
  for (const auto& [failures, number, key] : oldest) {
    const Entry& entry = entries_.at(key);
    batch.removals.emplace(key, entry.removal);
    batch.promised_before = std::max(batch.promised_before, entry.promised_before);
  }
  return batch;
}

void RemovalQueue::Send(Batch& batch) {
  const auto fail_all = [&batch](const Error& error) {
    for (const auto& [key, removal] : batch.removals) batch.failed.emplace(key, error);
  };
  // What was closed before a name went is in the store before the name goes there.
  if (parts_.options.close_promises) {
    const auto stored = parts_.cache.StoreEarlier(OpContext().WithCancellation(stop_), batch.promised_before);
    if (!stored) return fail_all(stored.error());
  }
  const auto context = OpContext().WithCancellation(stop_).WithDeadline(parts_.clock.Now() + kLongestTry);
  Prove(context, batch);
  Delete(context, batch);
}

void RemovalQueue::Prove(const OpContext& context, Batch& batch) {
  const MonotonicTime now = parts_.clock.Now();
  std::vector<ObjectKey> doubtful;  // In order: the map's.
  for (const auto& [key, removal] : batch.removals) {
    if (IsFresh(removal.shown, now, kEvidenceForDelete)) {
      batch.proven.insert(key);
    } else {
      doubtful.push_back(key);
    }
  }
  for (const RemovalLook& look : PlanRemovalLooks(doubtful)) {
    const auto looked = Look(context, look, batch);
    if (looked) continue;
    for (const ObjectKey& key : look.keys) {
      if (batch.proven.erase(key) > 0 || !batch.stays.contains(key)) batch.failed.emplace(key, looked.error());
    }
  }
}

Result<> RemovalQueue::Look(const OpContext& context, const RemovalLook& look, Batch& batch) {
  std::set<ObjectKey> left(look.keys.begin(), look.keys.end());
  const auto find = [&](const ObjectKey& key, const ETag& etag, WallTime modified, WallTime answered_at) {
    JournaledRemoval& version = batch.removals.at(key).version;
    const bool still_there = IsRemoved(version, etag, modified, answered_at - parts_.clock.WallNow());
    (still_there ? batch.proven : batch.stays).insert(key);
    if (still_there) version.modified = modified;
  };
  ListRequest request{.prefix = look.prefix, .start_after = look.start_after};
  bool go_on = left.size() > 1;
  while (go_on) {
    const auto page = store_.List(context, request);
    if (!page && page.error().code() == ErrorCode::kAccessDenied) break;
    if (!page) return Fail(page.error());
    size_t shown = 0;
    for (const ListedObject& object : page->objects) {
      if (left.erase(object.key) == 0) continue;
      find(object.key, object.etag, object.last_modified, page->answered_at);
      ++shown;
    }
    go_on = !page->next_token.empty() && IsNextPageWorthIt(shown, left.size());
    request.continuation_token = page->next_token;
    request.start_after.clear();
  }
  // That a listing does not show a key may be for its order.
  const std::vector<ObjectKey> rest(left.begin(), left.end());
  std::vector<std::optional<ObjectInfo>> infos(rest.size());
  const auto head = [&](size_t i) -> Result<> {
    ASSIGN_OR_RETURN(infos[i], InterpretHead(store_.Head(context, rest[i], {})));
    return {};
  };
  RETURN_IF_ERROR(RunInParallel(parts_.pool, rest.size(), kParallelLooks, head));
  for (size_t i = 0; i < rest.size(); ++i) {
    if (infos[i]) find(rest[i], infos[i]->etag, infos[i]->last_modified, infos[i]->answered_at);
  }
  return {};
}

Result<> RemovalQueue::LookAgain(const OpContext& context, const std::vector<ObjectKey>& keys, const Batch& batch) {
  Batch again;
  for (const ObjectKey& key : keys) again.removals.emplace(key, batch.removals.at(key));
  for (const RemovalLook& look : PlanRemovalLooks(keys)) RETURN_IF_ERROR(Look(context, look, again));
  if (again.proven.size() == keys.size()) return {};
  return Fail(ErrorCode::kUnavailable, "some of the files are not as they were any more");
}

void RemovalQueue::Delete(const OpContext& context, Batch& batch) {
  const std::vector<ObjectKey> keys(batch.proven.begin(), batch.proven.end());
  if (keys.empty()) return;
  // What was sent and not answered for may have been done, and the name have something new.
  const OpContext guarded = context.WithRetryGuard([&] { return LookAgain(context, keys, batch); });
  const MonotonicTime began = parts_.clock.Now();
  if (keys.size() == 1) {
    if (const auto deleted = store_.Delete(guarded, keys.front()); !deleted) {
      batch.failed.emplace(keys.front(), deleted.error());
    }
    MutexLock lock(mutex_);
    batch_size_ = NextRemovalBatch(1, parts_.clock.Now() - began);
    return;
  }
  auto left = store_.DeleteMany(guarded, keys);
  if (!left) {
    for (const ObjectKey& key : keys) batch.failed.emplace(key, left.error());
    return;
  }
  for (DeleteFailure& failure : *left) batch.failed.emplace(std::move(failure.key), std::move(failure.error));
  MutexLock lock(mutex_);
  batch_size_ = NextRemovalBatch(keys.size(), parts_.clock.Now() - began);
}

std::optional<Error> RemovalQueue::Settle(const Batch& batch) {
  std::vector<ObjectKey> ended;
  std::optional<Error> again;
  for (const auto& [key, removal] : batch.removals) {
    const auto failed = batch.failed.find(key);
    if (failed == batch.failed.end() || IsRemovalRefused(failed->second.code())) {
      ended.push_back(key);
    } else {
      again = failed->second;
    }
  }
  if (again && !stop_->cancelled()) {
    Log(LogLevel::kWarning, "files that programs have removed are still in the bucket; they are tried again",
        {{"files", std::to_string(batch.removals.size() - ended.size())}, {"error", again->ToString()}});
  }
  const auto noted = NoteEnded(ended);
  if (!noted) {
    ended.clear();
    again = noted.error();
  }
  for (const ObjectKey& key : ended) {
    removed_.End(key);
    const auto refused = batch.failed.find(key);
    if (refused == batch.failed.end() && batch.proven.contains(key)) may_delete_ = true;
    if (refused != batch.failed.end()) RememberRefusal(key, refused->second);
    const DirectoryRef& directory = batch.removals.at(key).directory;
    if (directory == nullptr || (refused == batch.failed.end() && !batch.stays.contains(key))) continue;
    MutexLock lock(directory->mutex);
    RecordUnknown(directory->state());
  }
  std::vector<Entry> let_go;
  let_go.reserve(ended.size());
  MutexLock lock(mutex_);
  for (const ObjectKey& key : ended) let_go.push_back(std::move(entries_.extract(key).mapped()));
  // What is left has to be seen again.
  for (const auto& [key, removal] : batch.removals) {
    const auto entry = entries_.find(key);
    if (entry == entries_.end()) continue;
    entry->second.removal.version = removal.version;
    entry->second.removal.shown.reset();
    ++entry->second.failures;
  }
  return again;
}

Result<> RemovalQueue::NoteEnded(const std::vector<ObjectKey>& ended) {
  if (ended.empty()) return {};
  std::vector<JournalRecord> records;
  records.reserve(ended.size());
  for (const ObjectKey& key : ended) records.emplace_back(JournalRemovalEnded{key});
  if (auto noted = journal_->Append(records); !noted) {
    Log(LogLevel::kError, "that files are removed cannot be written to the journal; their names stay taken",
        {{"error", noted.error().ToString()}});
    return noted;
  }
  if (const auto synced = journal_->Sync(); !synced) {
    // It does not succeed later either.
    Log(LogLevel::kError, "that files are removed may not survive the node", {{"error", synced.error().ToString()}});
  }
  return {};
}

void RemovalQueue::RememberRefusal(const ObjectKey& key, const Error& error) {
  Log(LogLevel::kError, "the store refuses to remove a file that a program has removed: its name comes back",
      {{"key", key}, {"error", error.ToString()}});
  // Each is tried by itself again.
  may_delete_ = false;
  MutexLock lock(mutex_);
  if (refused_.size() < kMostRefused) refused_.insert_or_assign(key, error);
}

}  // namespace cosfuse
