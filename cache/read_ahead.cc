#include "cache/read_ahead.h"

#include <algorithm>

namespace cosfuse {
ReadAheadPlan ReadAhead::OnRead(ByteRange range, ByteCount size, ByteCount largest_window) {
  size = std::min(size, limits_.end);
  const ByteCount slack = limits_.first_window;
  const bool sequential = range.offset <= next_ + slack && range.end() + slack >= next_;
  ReadAheadPlan plan;
  plan.demand = ByteRange::FromTo(RoundDown(range.offset, limits_.granule),
                                  std::min(RoundUp(range.end(), limits_.granule), size));
  if (!sequential) {
    next_ = range.end();
    requested_until_ = 0;
    window_ = 0;
    return plan;
  }
  next_ = std::max(next_, range.end());
  const ByteCount ahead = requested_until_ > range.end() ? requested_until_ - range.end() : 0;
  if (ahead > window_ / 2 || requested_until_ >= size) return plan;

  const ByteCount allowed = std::max(std::min(limits_.largest_window, largest_window), limits_.granule);
  window_ = std::min(std::max(window_ * 2, limits_.first_window), allowed);
  const ByteCount until = RoundDown(range.end() + window_, std::min(window_, limits_.get_size));
  plan.ahead = ByteRange::FromTo(std::max(requested_until_, plan.demand.offset), std::min(until, size));
  requested_until_ = std::max(requested_until_, plan.ahead.end());
  return plan;
}

void ReadAhead::OnStarted(ByteCount until) { requested_until_ = std::min(requested_until_, until); }

std::vector<ByteRange> SplitIntoGets(ByteRange range, ByteCount get_size) {
  std::vector<ByteRange> gets;
  for (ByteCount at = range.offset; at < range.end();) {
    const ByteCount to = std::min(RoundUp(at + 1, get_size), range.end());
    gets.push_back(ByteRange::FromTo(at, to));
    at = to;
  }
  return gets;
}

std::unique_ptr<ReadStream, void (*)(ReadStream*)> MakeReadStream() {
  return {new ReadStream(), [](ReadStream* stream) { delete stream; }};
}

}  // namespace cosfuse
