#include "fs/fuse/request_tracker.h"

#include <utility>

namespace cosfuse {
namespace {

/// A killed caller is to be gone within a second; /proc costs some 20 µs for each look.
constexpr Duration kInterruptedTick = std::chrono::milliseconds(200);
/// How late a limit in the queue may be noticed.
constexpr Duration kIdleTick = std::chrono::seconds(1);

}  // namespace

RequestTracker::RequestTracker(Clock& clock, Inspect inspect) : clock_(clock), inspect_(std::move(inspect)) {}

RequestTracker::~RequestTracker() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  watcher_.Join();
}

void RequestTracker::StartWatching() {
  watcher_ = Thread("fuse-interrupts", [this] { WatchLoop(); });
}

std::shared_ptr<RequestTracker::Entry> RequestTracker::Add(uint64_t unique, pid_t pid, MonotonicTime queue_limit,
                                                           std::function<void(ErrorCode)> abandon) {
  auto entry = std::make_shared<Entry>();
  entry->unique_ = unique;
  entry->pid_ = pid;
  entry->queue_limit_ = queue_limit;
  if (abandon == nullptr) entry->state_ = Entry::State::kRunning;
  entry->abandon_ = std::move(abandon);
  bool abandoned = false;
  {
    const MutexLock lock(mutex_);
    entries_[unique] = entry;
    if (cancel_all_) abandoned = GiveUpLocked(*entry);
    if (watcher_sleeps_) changed_.NotifyAll();
  }
  if (abandoned) entry->abandon_(ErrorCode::kCancelled);
  return entry;
}

bool RequestTracker::Begin(Entry& entry) {
  const MutexLock lock(mutex_);
  if (entry.state_ != Entry::State::kQueued) return false;
  entry.state_ = Entry::State::kRunning;
  return true;
}

bool RequestTracker::Requeue(Entry& entry) {
  {
    const MutexLock lock(mutex_);
    entry.state_ = Entry::State::kQueued;
    if (!entry.given_up_ || !GiveUpLocked(entry)) return true;
  }
  entry.abandon_(ErrorCode::kCancelled);
  return false;
}

void RequestTracker::Remove(Entry& entry) {
  const MutexLock lock(mutex_);
  entry.state_ = Entry::State::kDone;
  if (entry.interrupted_) --interrupted_count_;
  entry.interrupted_ = false;
  entries_.erase(entry.unique_);
}

bool RequestTracker::Interrupt(uint64_t unique) {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(unique);
  if (found == entries_.end()) return false;
  Entry& entry = *found->second;
  if (entry.interrupted_) return true;
  entry.interrupted_ = true;
  entry.interrupted_at_ = clock_.Now();
  ++interrupted_count_;
  changed_.NotifyAll();
  return true;
}

bool RequestTracker::GiveUpLocked(Entry& entry) {
  entry.given_up_ = true;
  if (entry.interrupted_) --interrupted_count_;
  entry.interrupted_ = false;
  if (entry.state_ != Entry::State::kQueued) return false;
  entry.state_ = Entry::State::kDone;
  entries_.erase(entry.unique_);
  return true;
}

void RequestTracker::Check() {
  const MonotonicTime now = clock_.Now();
  std::vector<std::shared_ptr<Entry>> interrupted;
  std::vector<std::shared_ptr<Entry>> late;
  {
    const MutexLock lock(mutex_);
    for (const auto& [unique, entry] : entries_) {
      if (entry->state_ == Entry::State::kQueued && now >= entry->queue_limit_) {
        late.push_back(entry);
      } else if (entry->interrupted_) {
        interrupted.push_back(entry);
      }
    }
    for (const auto& entry : late) GiveUpLocked(*entry);
  }
  for (const auto& entry : late) entry->abandon_(ErrorCode::kTimedOut);
  for (const auto& entry : interrupted) {
    if (!ShouldGiveUp(inspect_(entry->pid_), now - entry->interrupted_at_)) continue;
    bool abandoned = false;
    {
      const MutexLock lock(mutex_);
      if (entry->state_ == Entry::State::kDone) continue;
      abandoned = GiveUpLocked(*entry);
    }
    entry->cancellation_->Cancel();
    if (abandoned) entry->abandon_(ErrorCode::kCancelled);
  }
}

void RequestTracker::CancelAll() {
  std::vector<std::shared_ptr<Entry>> running;
  std::vector<std::shared_ptr<Entry>> queued;
  {
    const MutexLock lock(mutex_);
    cancel_all_ = true;
    for (const auto& [unique, entry] : entries_) {
      (entry->state_ == Entry::State::kQueued ? queued : running).push_back(entry);
    }
    for (const auto& entry : queued) GiveUpLocked(*entry);
    for (const auto& entry : running) GiveUpLocked(*entry);
  }
  for (const auto& entry : running) entry->cancellation_->Cancel();
  for (const auto& entry : queued) entry->abandon_(ErrorCode::kCancelled);
}

size_t RequestTracker::size() const {
  const MutexLock lock(mutex_);
  return entries_.size();
}

void RequestTracker::WatchLoop() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    if (entries_.empty()) {
      watcher_sleeps_ = true;
      changed_.Wait(mutex_);
      watcher_sleeps_ = false;
      continue;
    }
    lock.Unlock();
    Check();
    lock.Lock();
    if (stopping_) break;
    changed_.WaitUntil(mutex_, clock_.Now() + (interrupted_count_ > 0 ? kInterruptedTick : kIdleTick));
  }
}

}  // namespace cosfuse
