#include "cache/upload_plan.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace cosfuse {
namespace {

/// A part that the store copies is about this long: several are copied side by side, and none takes minutes.
constexpr ByteCount kCopyLength = 256 * kMiB;
constexpr ByteCount kShareOfCopies = 4;  // Of all part numbers: one in four may be a copy of this length,
constexpr ByteCount kShareOfSends = 2;   // one in two a part that is sent.

/// How long parts may and should be in one stretch of the file.
struct Lengths {
  ByteCount smallest = 0;  ///< What the store takes.
  ByteCount least = 0;     ///< Regions and copies are at least so long: larger, where numbers are scarce.
  ByteCount send = 0;
  ByteCount copy = 0;
};

Lengths LengthsFor(ByteCount size, ByteCount part_size, uint64_t numbers, const UploadLimits& limits) {
  const ByteCount largest = RoundDown(limits.largest_part, limits.part_multiple);
  const auto at_least = [&](ByteCount wanted, ByteCount share) {
    const ByteCount count = std::max<ByteCount>(numbers / share, 1);
    return std::min(std::max(wanted, RoundUp((size + count - 1) / count, limits.part_multiple)), largest);
  };
  return {limits.smallest_part, limits.smallest_part, at_least(part_size, kShareOfSends),
          at_least(kCopyLength, kShareOfCopies)};
}

/// Cuts one stretch of the file into parts. Pure; used once.
class Cutter {
 public:
  /// `open_end`: the stretch ends the file, so its last part may be short.
  Cutter(ByteRange stretch, bool open_end, const Lengths& lengths)
      : stretch_(stretch), open_end_(open_end), lengths_(lengths) {}

  std::vector<PlannedPart> Cut(const std::vector<ByteRange>& kept) {
    FindRegions(kept);
    ByteCount at = stretch_.offset;
    for (const ByteRange region : regions_) {
      AddCopies(ByteRange::FromTo(at, region.offset));
      AddSends(region);
      at = region.end();
    }
    AddCopies(ByteRange::FromTo(at, stretch_.end()));
    return std::move(parts_);
  }

 private:
  /// What is to be sent: everything that is not kept, and of what is kept the pieces too short to be a part.
  void FindRegions(const std::vector<ByteRange>& kept) {
    ByteCount at = stretch_.offset;
    for (const ByteRange range : kept) {
      const ByteRange here = range.Intersect(stretch_);
      if (here.empty()) continue;
      AddRegion(ByteRange::FromTo(at, here.offset));
      at = here.end();
    }
    AddRegion(ByteRange::FromTo(at, stretch_.end()));
    if (!open_end_ && !regions_.empty()) CloseEnd();
  }

  void AddRegion(ByteRange changed) {
    if (changed.empty()) return;
    const ByteCount before = regions_.empty() ? stretch_.offset : regions_.back().end();
    ByteCount from = changed.offset;
    ByteCount to = changed.end();
    if (from < before + lengths_.least) {
      // What lies between would be too short a copy.
      from = regions_.empty() ? before : regions_.back().offset;
      to = std::max(to, before);
      if (!regions_.empty()) regions_.pop_back();
    }
    to = std::min(std::max(to, from + lengths_.least), stretch_.end());
    regions_.push_back(ByteRange::FromTo(from, to));
  }

  /// The last part of a stretch that does not end the file may not be short either.
  void CloseEnd() {
    ByteCount from = regions_.back().offset;
    ByteCount to = regions_.back().end();
    if (stretch_.end() - to < lengths_.least) to = stretch_.end();
    if (to - from < lengths_.least) from = std::max(stretch_.offset, to - std::min(to, lengths_.least));
    regions_.pop_back();
    while (!regions_.empty() && (from < regions_.back().end() || from - regions_.back().end() < lengths_.least)) {
      from = std::min(from, regions_.back().offset);
      regions_.pop_back();
    }
    if (regions_.empty() && from - stretch_.offset < lengths_.least) from = stretch_.offset;
    regions_.push_back(ByteRange::FromTo(from, to));
  }

  void AddCopies(ByteRange range) {
    if (range.empty()) return;
    const ByteCount count = (range.length + lengths_.copy - 1) / lengths_.copy;
    for (ByteCount i = 0; i < count; ++i) {
      Add(PlannedPart::Source::kCopy,
          ByteRange::FromTo(range.offset + range.length / count * i,
                            i + 1 == count ? range.end() : range.offset + range.length / count * (i + 1)));
    }
  }

  void AddSends(ByteRange region) {
    const bool may_end_short = open_end_ && region.end() == stretch_.end();
    const ByteCount spare = may_end_short ? 0 : lengths_.smallest;
    ByteCount at = region.offset;
    for (; region.end() - at > lengths_.send + spare; at += lengths_.send) {
      Add(PlannedPart::Source::kSend, {at, lengths_.send});
    }
    Add(PlannedPart::Source::kSend, ByteRange::FromTo(at, region.end()));
  }

  void Add(PlannedPart::Source source, ByteRange range) { parts_.push_back({source, 0, range}); }

  const ByteRange stretch_;
  const bool open_end_;
  const Lengths lengths_;
  std::vector<ByteRange> regions_;
  std::vector<PlannedPart> parts_;
};

/// Parts for one stretch with at most `numbers` of them: the more scattered the changes, the larger the pieces.
std::vector<PlannedPart> CutWithin(ByteRange stretch, bool open_end, const UploadTask& task, uint64_t numbers,
                                   ByteCount part_size, const UploadLimits& limits) {
  Lengths lengths = LengthsFor(stretch.length, part_size, numbers, limits);
  for (;; lengths.least *= 2) {
    lengths.send = std::min(std::max(lengths.send, lengths.least), limits.largest_part - limits.smallest_part);
    auto parts = Cutter(stretch, open_end, lengths).Cut(task.kept.ranges);
    if (parts.size() <= numbers || lengths.least >= stretch.length) return parts;
  }
}

void Number(std::vector<PlannedPart>& parts, int first) {
  for (PlannedPart& part : parts) part.number = first++;
}

bool AnyCopy(const std::vector<PlannedPart>& parts) {
  return std::ranges::any_of(parts, [](const PlannedPart& part) { return part.source == PlannedPart::Source::kCopy; });
}

UploadPlan PlanAroundEarlyParts(const UploadTask& task, const PartSchedule& schedule, const UploadLimits& limits) {
  UploadPlan plan;
  const int first = task.early.front().number;
  const ByteCount begin = task.early.front().range.offset;
  if (begin > 0) {
    plan.parts = CutWithin({0, begin}, false, task, static_cast<uint64_t>(first) - 1, schedule.first(), limits);
    Number(plan.parts, 1);
  }
  for (const EarlyPart& part : task.early) {
    plan.parts.push_back(
        {part.stale ? PlannedPart::Source::kSend : PlannedPart::Source::kAlreadySent, part.number, part.range});
  }
  const int last = task.early.back().number;
  const auto rest = ByteRange::FromTo(task.early.back().range.end(), task.size);
  if (!rest.empty()) {
    const uint64_t numbers = limits.most_parts - static_cast<uint64_t>(last);
    auto parts = CutWithin(rest, true, task, numbers, schedule.LengthOf(task.early.size()), limits);
    Number(parts, last + 1);
    std::ranges::move(parts, std::back_inserter(plan.parts));
  }
  return plan;
}

}  // namespace

int FirstEarlyPartNumber(ByteCount start, const UploadLimits& limits) {
  // A quarter of the numbers holds any prefix: parts that are copied may be as long as the store takes them.
  return start == 0 ? 1 : static_cast<int>(limits.most_parts / 4) + 1;
}

Result<UploadPlan> PlanUpload(const UploadTask& task, const UploadLimits& limits) {
  if (task.size > limits.largest_object) {
    return Fail(ErrorCode::kTooLarge, std::to_string(task.size) + " bytes are more than the largest possible object");
  }
  const PartSchedule schedule(task.part_size, limits);
  if (!task.early.empty()) return PlanAroundEarlyParts(task, schedule, limits);

  const bool small = task.size <= schedule.first();
  if (small && task.kept.missing < limits.smallest_part) return UploadPlan{};
  UploadPlan plan{CutWithin({0, task.size}, true, task, limits.most_parts, schedule.first(), limits)};
  if (small && !AnyCopy(plan.parts)) return UploadPlan{};
  Number(plan.parts, 1);
  return plan;
}

}  // namespace cosfuse
