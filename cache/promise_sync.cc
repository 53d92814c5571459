#include "cache/promise_sync.h"

#include "base/log.h"

namespace cosfuse {

Result<> PromiseSync::Keep() {
  if (delay_ == Duration(0)) return journal_->Sync();
  {
    MutexLock lock(mutex_);
    if (failed_) return Fail(*failed_);
    if (scheduled_) return {};
    scheduled_ = true;
  }
  // Not in the pool: its threads may all be waiting for a store that does not answer.
  timer_.RunAfter(delay_, [this] { KeepAll(); });
  return {};
}

Result<> PromiseSync::KeepEnds(uint64_t ended) {
  if (ended == kept_ends_) return {};
  RETURN_IF_ERROR(journal_->Sync());
  kept_ends_ = ended;
  return {};
}

void PromiseSync::KeepAll() {
  {
    MutexLock lock(mutex_);
    scheduled_ = false;  // What is appended from here on may miss this one.
  }
  const auto synced = journal_->Sync();
  if (synced) return;
  Log(LogLevel::kError, "what was closed may not survive this node: the journal cannot be synced",
      {{"error", synced.error().ToString()}});
  MutexLock lock(mutex_);
  failed_ = synced.error();
}

}  // namespace cosfuse
