#include <algorithm>

#include "cache/layered_file.h"

namespace cosfuse {
namespace {

bool IsZero(const ContentSegment& segment) { return segment.source == ContentSegment::Source::kZero; }

Result<> CheckEndOf(ByteRange range) {
  if (range.offset <= kLargestObject && range.length <= kLargestObject - range.offset) return {};
  return Fail(ErrorCode::kTooLarge, "a range beyond the largest possible object");
}

}  // namespace

Result<bool> LayeredFile::Zero(ByteRange range, bool extend) {
  if (extend) {
    RETURN_IF_ERROR(CheckEndOf(range));
  } else {
    range = range.Intersect({0, kLargestObject});
  }
  MutexLock writing(write_mutex_);
  std::shared_ptr<StagingFile> file;
  std::vector<ByteRange> held;
  LayerId active{};
  bool grows = false;
  bool cuts = false;
  {
    MutexLock lock(mutex_);
    const auto plan = layers_.PlanRead(range);
    grows = extend && range.end() > layers_.size();
    cuts = !std::ranges::all_of(plan, IsZero);
    if (!grows && !cuts) return false;
    if (cuts && TouchesParkedLocked(range)) return Fail(ErrorCode::kWouldWait, "these bytes have left");
    active = layers_.active();
  }
  if (cuts) RETURN_IF_ERROR(Note(JournalZero{journal_id_, active, range}));
  if (grows) RETURN_IF_ERROR(Note(JournalTruncate{journal_id_, active, range.end()}));
  {
    MutexLock lock(mutex_);
    if (cuts) {
      // Whoever reads by a plan of before may meet the hole in the staging file and bytes around it: it plans anew.
      ++cuts_;
      held = layers_.active_extents().Parts(range);
      const auto found = files_.find(layers_.active());
      if (found != files_.end()) file = found->second;
      layers_.Zero(range);
      NoteZeroLocked(range);
    }
    if (grows) {
      layers_.Truncate(range.end());
      NoteTruncateLocked(range.end());
    }
    upload_.OnChange();
  }
  if (file) {
    for (const ByteRange part : held) file->Release(part);
  }
  return true;
}

Result<bool> LayeredFile::Allocate(ByteRange range, bool extend) {
  RETURN_IF_ERROR(CheckEndOf(range));
  MutexLock writing(write_mutex_);
  std::vector<ByteRange> missing;
  {
    MutexLock lock(mutex_);
    for (const ContentSegment& segment : layers_.PlanRead(range)) {
      if (IsZero(segment)) missing.push_back(segment.range);
    }
    const ByteRange beyond = ByteRange::FromTo(std::max(range.offset, layers_.size()), range.end());
    if (!beyond.empty()) missing.push_back(beyond);
  }
  RETURN_IF_ERROR(services_.staging.CheckRoom(missing));
  LayerId active{};
  {
    MutexLock lock(mutex_);
    if (!extend || range.end() <= layers_.size()) return false;
    active = layers_.active();
  }
  RETURN_IF_ERROR(Note(JournalTruncate{journal_id_, active, range.end()}));
  MutexLock lock(mutex_);
  layers_.Truncate(range.end());
  NoteTruncateLocked(range.end());
  upload_.OnChange();
  return true;
}

std::optional<ByteCount> LayeredFile::FindData(ByteCount offset) const {
  MutexLock lock(mutex_);
  return layers_.FindData(offset);
}

std::optional<ByteCount> LayeredFile::FindHole(ByteCount offset) const {
  MutexLock lock(mutex_);
  if (offset >= layers_.size()) return std::nullopt;
  return layers_.FindHole(offset);
}

}  // namespace cosfuse
