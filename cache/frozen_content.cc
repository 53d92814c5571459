#include "cache/frozen_content.h"

#include <algorithm>
#include <utility>

namespace cosfuse {

KeptBytes LayeredFile::FrozenContent::kept() const {
  MutexLock lock(file_.mutex_);
  return file_.layers_.FindKept(snapshot_);
}

Result<ContentMap> LayeredFile::FrozenContent::Locate() const {
  using Source = ContentSegment::Source;
  ContentMap map;
  const auto append = [](std::vector<ByteRange>& ranges, ByteRange range) {
    if (!ranges.empty() && ranges.back().end() == range.offset) {
      ranges.back().length += range.length;
    } else {
      ranges.push_back(range);
    }
  };
  MutexLock lock(file_.mutex_);
  for (const ContentSegment& segment : file_.layers_.PlanSnapshot(snapshot_, {0, snapshot_.size})) {
    if (segment.source == Source::kParked) return Fail(ErrorCode::kStale, "bytes that have left in parts");
    if (segment.source == Source::kLayer) append(map.data, segment.range);
    if (segment.source == Source::kBase) append(map.missing, segment.range);
  }
  return map;
}

void LayeredFile::FrozenContent::BaseIsVersion(const std::string& version_id) {
  std::optional<BaseVersion> base;
  {
    MutexLock lock(file_.mutex_);
    if (!file_.base_) return;
    file_.base_->version_id = version_id;
    base = file_.base_;
  }
  file_.SetBase(*base, false);
}

Result<> LayeredFile::FrozenContent::Prepare(const OpContext& context, ByteRange range) {
  BasePlan plan;
  {
    MutexLock lock(file_.mutex_);
    plan = {.segments = file_.layers_.PlanSnapshot(snapshot_, range), .commits = file_.commits_};
  }
  // While a snapshot is being stored nothing overtakes it.
  const auto fetched = file_.FetchBase(context, plan);
  if (fetched) return {};
  if (fetched.error().code() != ErrorCode::kNoSpace) return Fail(fetched.error());
  return PrepareInMemory(context, range, plan.segments);
}

Result<> LayeredFile::FrozenContent::PrepareInMemory(const OpContext& context, ByteRange range,
                                                     const std::vector<ContentSegment>& plan) {
  {
    const auto wake = context.OnCancel([this] {
      MutexLock lock(mutex_);
      free_.NotifyAll();
    });
    MutexLock lock(mutex_);
    while (!in_memory_.empty()) {
      RETURN_IF_ERROR(context.CheckMayWait(file_.services_.clock.Now()));
      free_.WaitUntil(mutex_, context.deadline());
    }
    in_memory_ = range;
  }
  std::map<ByteCount, std::vector<std::byte>> pieces;
  ReadAhead read_ahead;
  for (const ContentSegment& segment : plan) {
    if (segment.source != ContentSegment::Source::kBase) continue;
    std::vector<std::byte> bytes(segment.range.length);
    const auto read = file_.ReadBase(context, read_ahead, segment.range.offset, bytes);
    if (!read) {
      Done(range);
      return read;
    }
    pieces.emplace(segment.range.offset, std::move(bytes));
  }
  MutexLock lock(mutex_);
  pieces_ = std::move(pieces);
  return {};
}

Result<> LayeredFile::FrozenContent::Read(ByteCount offset, std::span<std::byte> out) {
  {
    MutexLock lock(mutex_);
    if (in_memory_.Intersect({offset, out.size()}).empty()) {
      lock.Unlock();
      return file_.ReadSnapshot(snapshot_, offset, out);
    }
  }
  std::vector<Source> sources;
  {
    MutexLock lock(file_.mutex_);
    sources = file_.FindBytesLocked(file_.layers_.PlanSnapshot(snapshot_, {offset, out.size()}));
  }
  ReadAhead unused;
  for (const Source& source : sources) {
    const ByteRange range = source.segment.range;
    const auto part = out.subspan(range.offset - offset, range.length);
    if (source.segment.source != ContentSegment::Source::kBase) {
      RETURN_IF_ERROR(file_.ReadSources(OpContext::Immediate(), unused, {source}, range.offset, part));
      continue;
    }
    MutexLock lock(mutex_);
    const auto next = pieces_.upper_bound(range.offset);
    if (next == pieces_.begin()) return Fail(ErrorCode::kInternal, "bytes that were not prepared");
    const auto& [at, bytes] = *std::prev(next);
    if (range.end() > at + bytes.size()) return Fail(ErrorCode::kInternal, "bytes that were not prepared");
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(range.offset - at), range.length, part.begin());
  }
  return {};
}

Result<bool> LayeredFile::FrozenContent::FollowCopied(const OpContext& context, BaseVersion& copied_from) {
  ASSIGN_OR_RETURN(const bool moved, file_.FollowCopied(context, copied_from));
  if (!moved) return false;
  MutexLock lock(file_.mutex_);
  if (!file_.copied_from_) return false;
  copied_from = *file_.copied_from_;
  return true;
}

void LayeredFile::FrozenContent::Done(ByteRange range) {
  MutexLock lock(mutex_);
  if (in_memory_.empty() || in_memory_ != range) return;
  in_memory_ = {};
  pieces_.clear();
  free_.NotifyAll();
}

}  // namespace cosfuse
