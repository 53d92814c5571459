#include "cache/stream_ledger.h"

#include <algorithm>
#include <utility>

namespace cosfuse {
namespace {

constexpr size_t kMostRewrites = 3;

}  // namespace

StreamLedger::StreamLedger(ByteCount start, ByteCount part_size, const UploadLimits& limits)
    : schedule_(part_size, limits),
      first_number_(FirstEarlyPartNumber(start, limits)),
      last_number_(static_cast<int>(limits.most_parts - limits.most_parts / 20)),
      end_(start) {}

std::optional<ByteCount> StreamLedger::FindStart(ByteRange written, ByteCount part_size, const UploadLimits& limits) {
  const bool far_enough = written.offset == 0 || written.offset >= limits.smallest_part;
  const ByteCount start = far_enough ? written.offset : limits.smallest_part;
  if (written.end() <= start + PartSchedule(part_size, limits).first()) return std::nullopt;
  return start;
}

std::optional<EarlyPart> StreamLedger::TakeNext(ByteCount complete, bool space_is_short) {
  const ByteCount length = schedule_.LengthOf(parts_.size());
  const int number = first_number_ + static_cast<int>(parts_.size());
  if (stopped_ || complete <= end_ + length || number > last_number_) return std::nullopt;
  if (rewritten_ > kMostRewrites && !space_is_short) return std::nullopt;
  parts_.push_back(
      {.number = number, .range = {end_, length}, .state = State::kOnItsWay, .changed = false, .sent = {}});
  end_ += length;
  return EarlyPart{number, parts_.back().range, false};
}

StreamLedger::Part* StreamLedger::Find(int number) {
  const auto index = static_cast<size_t>(number - first_number_);
  return index < parts_.size() ? &parts_[index] : nullptr;
}

void StreamLedger::OnSent(int number, UploadedPart part) {
  Part* const found = Find(number);
  if (found == nullptr || found->state != State::kOnItsWay) return;  // Cut off meanwhile.
  found->state = found->changed ? State::kStale : State::kArrived;
  found->sent = std::move(part);
}

void StreamLedger::OnFailed(int number) {
  Part* const found = Find(number);
  if (found != nullptr && found->state == State::kOnItsWay) found->state = State::kStale;
}

void StreamLedger::OnWrite(ByteRange range) {
  if (range.offset >= end_) return;
  for (Part& part : parts_) {
    if (part.range.Intersect(range).empty()) continue;
    if (part.state == State::kArrived) {
      part.state = State::kStale;
      ++rewritten_;
    } else if (!std::exchange(part.changed, true)) {
      ++rewritten_;
    }
  }
}

void StreamLedger::OnTruncate(ByteCount size) {
  while (!parts_.empty() && parts_.back().range.end() > size) {
    // One that is on its way may still arrive under the number that its successor would have.
    stopped_ = stopped_ || parts_.back().state == State::kOnItsWay;
    end_ = parts_.back().range.offset;
    parts_.pop_back();
  }
}

std::vector<EarlyPart> StreamLedger::parts() const {
  std::vector<EarlyPart> parts;
  parts.reserve(parts_.size());
  for (const Part& part : parts_) parts.push_back({part.number, part.range, part.state != State::kArrived});
  return parts;
}

const UploadedPart& StreamLedger::SentPart(int number) const {
  return parts_.at(static_cast<size_t>(number - first_number_)).sent;
}

std::vector<ByteRange> StreamLedger::arrived() const {
  std::vector<ByteRange> ranges;
  for (const Part& part : parts_) {
    if (part.state == State::kArrived) ranges.push_back(part.range);
  }
  return ranges;
}

ByteRange StreamLedger::Touched(ByteRange range) const {
  ByteRange touched;
  for (const Part& part : parts_) {
    if (part.range.Intersect(range).empty()) continue;
    touched = touched.empty() ? part.range : ByteRange::FromTo(touched.offset, part.range.end());
  }
  return touched;
}

}  // namespace cosfuse
