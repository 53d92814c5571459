#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "cache/layered_file.h"

namespace cosfuse {
namespace {

constexpr ByteCount kCopyPiece = kMiB;

bool IsBase(const ContentSegment& segment) { return segment.source == ContentSegment::Source::kBase; }

}  // namespace

Result<> LayeredFile::FetchBase(const OpContext& context, const std::vector<ContentSegment>& plan) {
  const auto first = std::find_if(plan.begin(), plan.end(), IsBase);
  if (first == plan.end()) return {};
  ReadAheadLimits limits;
  limits.largest_window = limits.get_size;
  limits.end = std::find_if(plan.rbegin(), plan.rend(), IsBase)->range.end();
  ReadAhead read_ahead(limits, first->range.offset);
  std::vector<std::byte> buffer;
  for (const ContentSegment& segment : plan) {
    if (!IsBase(segment)) continue;
    for (ByteCount at = segment.range.offset; at < segment.range.end(); at += buffer.size()) {
      buffer.resize(std::min(kCopyPiece - at % kCopyPiece, segment.range.end() - at));
      RETURN_IF_ERROR(services_.blocks.Read(context, BaseBlocks(), read_ahead, at, buffer));
      RETURN_IF_ERROR(StoreBaseCopy(at, buffer));
    }
  }
  return {};
}

Result<> LayeredFile::StoreBaseCopy(ByteCount offset, std::span<const std::byte> data) {
  MutexLock writing(write_mutex_);
  LayerId layer{};
  {
    MutexLock lock(mutex_);
    layer = layers_.PrepareBaseCopy(resident_layer_);
  }
  const ByteRange range{offset, data.size()};
  ASSIGN_OR_RETURN(const auto file, FileOf(layer));
  RETURN_IF_ERROR(file->Write(offset, data, std::array{range}));
  MutexLock lock(mutex_);
  layers_.AddBaseCopy(layer, range);
  return {};
}

bool LayeredFile::WantsBaseLocked(ByteRange range) {
  if (base_asked_ || !base_ || copied_from_ || base_->size > services_.conflict_base) return false;
  // Who only appends to a log needs none of it.
  if (range.offset >= base_->size) return false;
  base_asked_ = true;
  return std::ranges::any_of(layers_.PlanRead({0, layers_.size()}), IsBase);
}

void LayeredFile::FetchBaseAside() {
  // Nobody waits for it, and what it does not bring is fetched when it is needed.
  const OpContext context = OpContext().WithPatience(services_.io_timeout).WithCancellation(base_cancellation_);
  static_cast<void>(FetchMissing(context, false));
}

Result<> LayeredFile::MakeLocal(const OpContext& context) {
  {
    MutexLock lock(mutex_);
    const auto plan = layers_.PlanRead({0, layers_.size()});
    const bool parked = layers_.AnyParked({0, layers_.size()});
    if (!parked && std::ranges::none_of(plan, IsBase)) {
      keep_local_ = true;
      return {};
    }
    RETURN_IF_ERROR(context.CheckMayWait(services_.clock.Now()));
    if (parked) {
      lock.Unlock();
      RETURN_IF_ERROR(StoreParked(context));
    }
  }
  return FetchMissing(context, true);
}

Result<> LayeredFile::FetchMissing(const OpContext& context, bool keep) {
  {
    MutexLock lock(mutex_);
    ++localizing_;  // From here on no merge begins and nothing clean is dropped.
  }
  std::vector<ContentSegment> plan;
  auto fetched = WaitUntil(context, [&] {
    mutex_.AssertHeld();
    plan = layers_.PlanRead({0, layers_.size()});
    return !merging_;
  });
  if (fetched) fetched = FetchBase(context, plan);
  MutexLock lock(mutex_);
  --localizing_;
  if (fetched && keep) keep_local_ = true;
  return fetched;
}

bool LayeredFile::DropClean() {
  Garbage gone;
  MutexLock lock(mutex_);
  if (upload_.in_progress() || merging_ || localizing_ > 0 || keep_local_) return false;
  const auto clean = layers_.clean_layers();
  const bool on_disk = std::any_of(clean.begin(), clean.end(), [this](LayerId layer) {
    mutex_.AssertHeld();
    return files_.contains(layer);
  });
  if (!on_disk) return false;
  // All or none: a lower one alone may be of an older version than the base.
  ForgetFilesLocked(layers_.DropClean(), gone);
  return true;
}

void LayeredFile::CommitLocked(const ContentSnapshot& snapshot, Garbage& gone) {
  ForgetFilesLocked(layers_.Commit(snapshot), gone);
}

void LayeredFile::ForgetFilesLocked(const std::vector<LayerId>& layers, Garbage& gone) {
  for (const LayerId layer : layers) {
    auto file = files_.extract(layer);
    if (file) gone.files.push_back(std::move(file.mapped()));
    if (resident_layer_ == layer) {
      gone.body = std::move(resident_bytes_);
      resident_layer_.reset();
    }
  }
}

void LayeredFile::MergeLayers() {
  constexpr size_t kMostLayers = 4;  // An early upload goes by the layer that it knows.
  for (;;) {
    std::optional<ContentLayers::Merge> merge;
    {
      MutexLock lock(mutex_);
      if (localizing_ > 0 || early_ != nullptr) return;
      merge = layers_.PlanMerge(kMostLayers, resident_layer_);
      if (!merge) return;
      merging_ = true;
    }
    const auto copied = CopyLayer(*merge);
    Garbage gone;
    MutexLock lock(mutex_);
    merging_ = false;
    changed_.NotifyAll();
    if (!copied) return;  // Many layers are slower, never wrong.
    layers_.ApplyMerge(*merge);
    ForgetFilesLocked({merge->from}, gone);
  }
}

Result<> LayeredFile::CopyLayer(const ContentLayers::Merge& merge) {
  if (merge.to_copy.empty()) return {};
  std::shared_ptr<const LayerBytes> from;
  {
    MutexLock lock(mutex_);
    if (merge.from == resident_layer_) {
      from = resident_bytes_;
    } else {
      from = files_.at(merge.from);
    }
  }
  std::shared_ptr<StagingFile> into;
  {
    MutexLock writing(write_mutex_);
    ASSIGN_OR_RETURN(into, FileOf(merge.into));
  }
  std::vector<std::byte> buffer;
  for (const ByteRange range : merge.to_copy) {
    for (ByteCount at = range.offset; at < range.end(); at += buffer.size()) {
      buffer.resize(std::min(kCopyPiece, range.end() - at));
      RETURN_IF_ERROR(from->Read(at, buffer));
      RETURN_IF_ERROR(into->Write(at, buffer, std::array{ByteRange{at, buffer.size()}}));
    }
  }
  return {};
}

}  // namespace cosfuse
