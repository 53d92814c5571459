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

Result<bool> LayeredFile::FetchBase(const OpContext& context, const BasePlan& plan) {
  const auto& segments = plan.segments;
  const auto first = std::find_if(segments.begin(), segments.end(), IsBase);
  if (first == segments.end()) return true;
  ReadAheadLimits limits;
  limits.largest_window = limits.get_size;
  limits.end = std::find_if(segments.rbegin(), segments.rend(), IsBase)->range.end();
  ReadAhead read_ahead(limits, first->range.offset);
  std::vector<std::byte> buffer;
  for (const ContentSegment& segment : segments) {
    if (!IsBase(segment)) continue;
    for (ByteCount at = segment.range.offset; at < segment.range.end(); at += buffer.size()) {
      buffer.resize(std::min(kCopyPiece - at % kCopyPiece, segment.range.end() - at));
      const auto read = ReadBase(context, read_ahead, at, buffer);
      if (!read && !IsOvertaken(plan)) return Fail(read.error());
      ASSIGN_OR_RETURN(const bool stored, read ? StoreBaseCopy(plan, at, buffer) : Result<bool>(false));
      if (!stored) return false;
    }
  }
  return true;
}

bool LayeredFile::IsOvertaken(const BasePlan& plan) const {
  MutexLock lock(mutex_);
  return commits_ != plan.commits;
}

Result<bool> LayeredFile::StoreBaseCopy(const BasePlan& plan, ByteCount offset, std::span<const std::byte> data) {
  MutexLock writing(write_mutex_);
  LayerId layer{};
  {
    MutexLock lock(mutex_);
    // The lowest layer may by now be one that holds newer bytes of this place.
    if (commits_ != plan.commits) return false;
    layer = layers_.PrepareBaseCopy(resident_layer_);
  }
  const ByteRange range{offset, data.size()};
  ASSIGN_OR_RETURN(const auto file, FileOf(layer));
  RETURN_IF_ERROR(file->Write(offset, data, std::array{range}));
  MutexLock lock(mutex_);
  layers_.AddBaseCopy(layer, range);
  return true;
}

bool LayeredFile::WantsBaseLocked(ByteRange range) {
  if (base_asked_ || !base_ || copied_from_ || base_->size > services_.conflict_base) return false;
  // Who only appends to a log needs none of it.
  if (range.offset >= base_->size) return false;
  base_asked_ = true;
  return std::ranges::any_of(layers_.PlanRead({0, layers_.size()}), IsBase);
}

void LayeredFile::FetchBaseAside() {
  {
    MutexLock lock(mutex_);
    if (copied_from_ || !base_ || base_->size > services_.conflict_base) return;
  }
  // Nobody waits for it, and what it does not bring is fetched when it is needed.
  const OpContext context = OpContext().WithPatience(services_.io_timeout).WithCancellation(base_cancellation_);
  static_cast<void>(FetchMissing(context, nullptr));
}

Result<> LayeredFile::MakeLocal(const OpContext& context) {
  {
    MutexLock lock(mutex_);
    const auto plan = layers_.PlanRead({0, layers_.size()});
    if (!layers_.AnyParked({0, layers_.size()}) && std::ranges::none_of(plan, IsBase)) {
      keep_local_ = true;
      return {};
    }
    RETURN_IF_ERROR(context.CheckMayWait(services_.clock.Now()));
  }
  return FetchMissing(context, &LayeredFile::keep_local_);
}

Result<> LayeredFile::FetchMissing(const OpContext& context, bool LayeredFile::* keep) {
  for (;;) {
    BasePlan plan;
    bool parked = false;
    {
      MutexLock lock(mutex_);
      ++localizing_;  // From here on no merge begins, nothing clean is dropped, and nothing is parked.
      parked = layers_.AnyParked({0, layers_.size()});
    }
    Result<bool> fetched = false;
    const bool stores_first = parked && keep == &LayeredFile::keep_local_;
    if (!stores_first) {
      const auto still = WaitUntil(context, [&] {
        mutex_.AssertHeld();
        plan = {.segments = layers_.PlanRead({0, layers_.size()}), .commits = commits_};
        return !merging_;
      });
      fetched = still ? FetchBase(context, plan) : Fail(still.error());
    }
    {
      MutexLock lock(mutex_);
      --localizing_;
      if (fetched && *fetched && keep != nullptr) this->*keep = true;
    }
    if (!fetched) return Fail(std::move(fetched).error());
    if (*fetched) return {};
    if (stores_first) RETURN_IF_ERROR(StoreParked(context));
  }
}

bool LayeredFile::DropClean() {
  Garbage gone;
  MutexLock lock(mutex_);
  if (upload_.in_progress() || merging_ || localizing_ > 0 || keep_local_ || keep_copied_) return false;
  // What an archive has of the base is nowhere else.
  if (archive_) return false;
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
  ++commits_;
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
      merge = layers_.PlanMerge(kMostLayers, resident_layer_,
                                promise_ ? std::optional(promise_->snapshot.top) : std::nullopt);
      if (!merge) return;
      merging_ = true;
    }
    const bool promised = IsPromised(*merge);
    const auto copied = CopyLayer(*merge, promised);
    Garbage gone;
    {
      MutexLock writing(write_mutex_);
      bool dirty = false;
      {
        MutexLock lock(mutex_);
        merging_ = false;
        changed_.NotifyAll();
        if (!copied) return;  // Many layers are slower, never wrong.
        const auto clean = layers_.clean_layers();
        dirty = std::ranges::find(clean, merge->from) == clean.end();
        layers_.ApplyMerge(*merge);
        ForgetFilesLocked({merge->from}, gone);
        if (promise_ && promise_->snapshot.top == merge->from) promise_->snapshot.top = merge->into;
        synced_layers_.erase(merge->from);
        if (!promised) synced_layers_.erase(merge->into);
      }
      if (dirty) NoteIfJournaled(JournalMerge{journal_id_, merge->from, merge->into});
    }
    // What was promised must not go before it is certain that the journal knows where it is now.
    if (promised && !services_.journal->Sync()) {
      for (const auto& file : gone.files) file->KeepName(true);
    }
  }
}

Result<> LayeredFile::CopyLayer(const ContentLayers::Merge& merge, bool sync) {
  if (merge.to_copy.empty() && !sync) return {};
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
  return sync ? into->Sync() : Result<>();
}

}  // namespace cosfuse
