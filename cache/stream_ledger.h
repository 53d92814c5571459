#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/byte_range.h"
#include "cache/upload_plan.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Which parts of a file that is written in sequence have left before it is closed, and which of those are still what
/// the file says. Pure bookkeeping, not thread-safe.
class StreamLedger {
 public:
  /// Parts from `start` on; what is before is planned when the file is closed.
  StreamLedger(ByteCount start, ByteCount part_size, const UploadLimits& limits);

  /// A stretch of `written` from which parts may leave early once it is longer than one part: where they begin. Before
  /// it there is nothing, or enough for parts.
  static std::optional<ByteCount> FindStart(ByteRange written, ByteCount part_size, const UploadLimits& limits);

  /// Takes the next part, if the file has all of its bytes up to `complete` and something behind it. Nothing once a
  /// few parts were rewritten, unless space is short: such a writer is not one that writes in sequence.
  std::optional<EarlyPart> TakeNext(ByteCount complete, bool space_is_short);
  /// A part that was taken has arrived, or has not.
  void OnSent(int number, UploadedPart part);
  void OnFailed(int number);

  void OnWrite(ByteRange range);
  void OnTruncate(ByteCount size);

  /// Where the first part begins, and the next one.
  ByteCount start() const { return parts_.empty() ? end_ : parts_.front().range.offset; }
  ByteCount end() const { return end_; }
  bool empty() const { return parts_.empty(); }
  /// The parts so far; one that is still on its way counts as stale.
  std::vector<EarlyPart> parts() const;
  /// What the store said of a part that is not stale.
  const UploadedPart& SentPart(int number) const;
  /// The ranges of parts that have arrived and are not stale.
  std::vector<ByteRange> arrived() const;
  /// The parts that share a byte with `range`, as one stretch; empty where there is none.
  ByteRange Touched(ByteRange range) const;

 private:
  enum class State { kOnItsWay, kArrived, kStale };
  struct Part {
    int number = 0;
    ByteRange range;
    State state = State::kOnItsWay;
    bool changed = false;  ///< Rewritten while it was on its way.
    UploadedPart sent;
  };

  Part* Find(int number);

  const PartSchedule schedule_;
  const int first_number_;
  const int last_number_;
  ByteCount end_;
  size_t rewritten_ = 0;
  bool stopped_ = false;
  std::vector<Part> parts_;  // Numbered without gaps.
};

}  // namespace cosfuse
