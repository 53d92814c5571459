#pragma once

#include "base/byte_range.h"
#include "base/clock.h"

namespace cosfuse {

/// What is seen of a transfer when one looks at it.
struct TransferProgress {
  ByteCount uploaded = 0;
  ByteCount downloaded = 0;
  ByteCount head_bytes = 0;
  bool head_complete = false;
};

struct TransferLimits {
  MonotonicTime deadline = MonotonicTime::max();
  Duration stall{0};             ///< So long without any byte in either direction.
  Duration answer_allowance{0};  ///< Added to `stall` until the answer's head is complete.
};

/// Decides when a transfer has lasted too long or stands still. Progress is sampled: whoever drives it calls Observe at
/// NextCheck at the latest. A state machine without a clock; used by one thread.
class TransferWatch {
 public:
  enum class Verdict { kGoOn, kDeadlinePassed, kStalled };

  TransferWatch(TransferLimits limits, MonotonicTime now) : limits_(limits), last_progress_(now) {}

  Verdict Observe(const TransferProgress& progress, MonotonicTime now);
  /// When to observe again: early enough that a stall is found at most an eighth of its limit (and 1 s) late.
  MonotonicTime NextCheck(MonotonicTime now) const;
  /// How long a stall may last at present.
  Duration StallLimit() const;

 private:
  TransferLimits limits_;
  TransferProgress seen_;
  MonotonicTime last_progress_;
};

}  // namespace cosfuse
