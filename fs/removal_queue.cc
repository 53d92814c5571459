#include "fs/removal_queue.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "fs/directory_state.h"
#include "fs/retry_delay.h"

namespace cosfuse {
namespace {

/// Who removes faster than the store does waits.
constexpr size_t kMostRemovals = 4000;
/// Of one try of one batch; what does not end within it is tried again later.
constexpr Duration kLongestTry = std::chrono::seconds(60);
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
  const OpContext limited = context.WithinPatience(parts_.clock.Now());
  {
    MutexLock lock(mutex_);
    while (entries_.size() >= kMostRemovals) {
      RETURN_IF_ERROR(limited.CheckMayWait(parts_.clock.Now()));
      changed_.WaitUntil(mutex_, limited.deadline());
    }
  }
  RETURN_IF_ERROR(journal_->Append(JournalRemovalBegun{key, removal.version}));
  removed_.Add(key, removal.version);
  hold.OnWaitedFor([this] { Start(); });
  bool many = false;
  {
    MutexLock lock(mutex_);
    entries_[key] = Entry{std::move(removal), std::move(hold), ++added_, 0, parts_.cache.promised()};
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
    if (!hold) {
      Log(LogLevel::kError, "a removed file's name is held at the start; the next start removes it", {{"key", key}});
      continue;
    }
    removed_.Add(key, removal);
    hold->OnWaitedFor([this] { Start(); });
    MutexLock lock(mutex_);
    entries_[key] = Entry{{.directory = nullptr, .version = removal, .shown = {}},
                          *std::move(hold),
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
  const OpContext limited = through_failures ? context : context.WithinPatience(parts_.clock.Now());
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
  auto [batch, promised_before] = TakeBatch();
  // What was closed before a name went is in the store before the name goes there.
  const OpContext context = OpContext().WithCancellation(stop_);
  const auto stored = parts_.cache.StoreEarlier(context, promised_before);
  if (stored) {
    batch.Send(context.WithDeadline(parts_.clock.Now() + kLongestTry));
  } else {
    batch.GiveUp(stored.error());
  }
  auto failure = Settle(batch);
  MutexLock lock(mutex_);
  running_ = false;
  ++tries_;
  // One that makes progress does not wait longer each time.
  failures_ = !failure ? 0 : batch.any_deleted() ? 1 : failures_ + 1;
  failure_ = std::move(failure);
  changed_.NotifyAll();
  const bool wanted = std::exchange(wanted_, false);
  if (entries_.empty() || stop_->cancelled()) return;
  StartLaterLocked(wanted || !failure_ ? kRemovalDelay : RetryDelay(failures_));
}

std::pair<RemovalBatch, uint64_t> RemovalQueue::TakeBatch() {
  RemovalBatch batch(store_, parts_.pool, parts_.clock);
  uint64_t promised_before = 0;
  MutexLock lock(mutex_);
  std::vector<std::tuple<int, uint64_t, ObjectKey>> oldest;
  oldest.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) oldest.emplace_back(entry.failures, entry.number, key);
  std::ranges::sort(oldest);
  if (oldest.size() > batch_size_) oldest.resize(batch_size_);
  for (const auto& [failures, number, key] : oldest) {
    const Entry& entry = entries_.at(key);
    batch.Add(key, entry.removal);
    promised_before = std::max(promised_before, entry.promised_before);
  }
  return {std::move(batch), promised_before};
}

std::optional<Error> RemovalQueue::Settle(const RemovalBatch& batch) {
  std::vector<ObjectKey> ended;
  std::optional<Error> again;
  for (const auto& [key, removal] : batch.removals()) {
    const Error* const error = batch.FindError(key);
    if (error == nullptr || IsRemovalRefused(error->code())) {
      ended.push_back(key);
    } else {
      again = *error;
    }
  }
  if (again && !stop_->cancelled()) {
    Log(LogLevel::kWarning, "files that programs have removed are still in the bucket; they are tried again",
        {{"files", std::to_string(batch.removals().size() - ended.size())}, {"error", again->ToString()}});
  }
  if (const auto noted = NoteEnded(ended); !noted) {
    ended.clear();
    again = noted.error();
  }
  if (batch.any_deleted()) may_delete_ = true;
  for (const ObjectKey& key : ended) {
    removed_.End(key);
    const Error* const refusal = batch.FindError(key);
    if (refusal != nullptr) RememberRefusal(key, *refusal);
    const DirectoryRef& directory = batch.removals().at(key).directory;
    if (directory == nullptr || (refusal == nullptr && !batch.stays(key))) continue;
    MutexLock lock(directory->mutex);
    RecordUnknown(directory->state());
  }
  std::vector<Entry> let_go;
  let_go.reserve(ended.size());
  MutexLock lock(mutex_);
  batch_size_ = batch.next_size().value_or(batch_size_);
  for (const ObjectKey& key : ended) let_go.push_back(std::move(entries_.extract(key).mapped()));
  // What is left has to be seen again.
  for (const auto& [key, removal] : batch.removals()) {
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
