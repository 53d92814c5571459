#pragma once

#include <limits>
#include <vector>

#include "base/byte_range.h"
#include "cache/cached_file.h"

namespace cosfuse {

struct ReadAheadLimits {
  ByteCount first_window = kMiB;
  ByteCount largest_window = 64 * kMiB;
  /// A lone read fetches the granules that it touches: small enough for random reads of a database, large enough for
  /// the kernel's own read-ahead to find something.
  ByteCount granule = 64 * kKiB;
  /// One GET of a large window ends at a multiple of this, so that GETs are few and several run side by side.
  ByteCount get_size = 8 * kMiB;
  /// Nothing is asked for from here on: the end of a stretch that is read once.
  ByteCount end = std::numeric_limits<ByteCount>::max();
};

/// What one read should have asked the store for.
struct ReadAheadPlan {
  ByteRange demand;  ///< What the read itself needs, rounded as the pattern of reads deserves.
  ByteRange ahead;   ///< What should be on its way as well; empty for random reads.
};

/// How sequential the reads of one open handle are, and how far ahead of them to fetch. A pure policy, a plain value.
///
/// The window starts at `first_window` and doubles each time it is used up, up to `largest_window`. Reads that come a
/// little out of order (the kernel sends several at once) count as sequential. Any other read closes the window.
class ReadAhead {
 public:
  ReadAhead() = default;
  /// A reader that is known to begin at `start` and to go on from there.
  ReadAhead(const ReadAheadLimits& limits, ByteCount start) : limits_(limits), next_(start) {}

  /// Plans for a read of `range` of an object of `size` bytes, and remembers it. `largest_window` is what memory allows
  /// now; it caps the limit.
  ReadAheadPlan OnRead(ByteRange range, ByteCount size, ByteCount largest_window);
  /// Of the plan's `ahead`, only what lies before `until` could be asked for; the next read asks again.
  void OnStarted(ByteCount until);

 private:
  ReadAheadLimits limits_;
  ByteCount next_ = 0;             // Where a sequential reader goes on.
  ByteCount requested_until_ = 0;  // Read-ahead has asked for everything before it.
  ByteCount window_ = 0;
};

/// Cuts a range into the GETs that fetch it: each ends at a multiple of `get_size` or at the end of the range.
std::vector<ByteRange> SplitIntoGets(ByteRange range, ByteCount get_size);

/// A handle's ReadAhead behind the interface.
class ReadStream {
 public:
  ReadAhead read_ahead;
};

}  // namespace cosfuse
