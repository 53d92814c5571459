#include "http/transfer_watch.h"

#include <algorithm>

namespace cosfuse {

TransferWatch::Verdict TransferWatch::Observe(const TransferProgress& progress, MonotonicTime now) {
  if (progress.uploaded != seen_.uploaded || progress.downloaded != seen_.downloaded ||
      progress.head_bytes != seen_.head_bytes || progress.head_complete != seen_.head_complete) {
    seen_ = progress;
    last_progress_ = now;
  }
  if (now >= limits_.deadline) return Verdict::kDeadlinePassed;
  if (now - last_progress_ >= StallLimit()) return Verdict::kStalled;
  return Verdict::kGoOn;
}

MonotonicTime TransferWatch::NextCheck(MonotonicTime now) const {
  const Duration interval = std::min<Duration>(limits_.stall / 8, std::chrono::seconds(1));
  const MonotonicTime stalled = last_progress_ + StallLimit();
  return std::min({limits_.deadline, std::max(stalled, now), now + interval});
}

Duration TransferWatch::StallLimit() const {
  return seen_.head_complete ? limits_.stall : limits_.stall + limits_.answer_allowance;
}

}  // namespace cosfuse
