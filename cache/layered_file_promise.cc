#include <algorithm>
#include <utility>

#include "cache/layered_file.h"

namespace cosfuse {
namespace {

/// Up to so many bytes of a file go into the journal itself: then one sync, shared by those who meet, does for both.
constexpr ByteCount kMostBytesInJournal = 64 * kKiB;

}  // namespace

std::vector<std::pair<LayerId, std::shared_ptr<StagingFile>>> LayeredFile::UnsyncedLayersLocked(
    const ContentSnapshot& snapshot) const {
  std::vector<std::pair<LayerId, std::shared_ptr<StagingFile>>> layers;
  for (const LayerImage& layer : layers_.Image().layers) {
    if (layer.id > snapshot.top || layer.written.empty() || synced_layers_.contains(layer.id)) continue;
    layers.emplace_back(layer.id, files_.at(layer.id));
  }
  return layers;
}

Result<std::vector<JournalRecord>> LayeredFile::SecureLayers(
    const std::vector<std::pair<LayerId, std::shared_ptr<StagingFile>>>& layers) {
  ContentImage image;
  {
    MutexLock lock(mutex_);
    image = layers_.Image();
  }
  const auto written = [&](LayerId id) {
    const auto found = std::ranges::find(image.layers, id, &LayerImage::id);
    return found == image.layers.end() ? ExtentMap() : found->written;
  };
  ByteCount bytes = 0;
  for (const auto& [id, file] : layers) bytes += written(id).total();
  std::vector<JournalRecord> records;
  for (const auto& [id, file] : layers) {
    if (bytes > kMostBytesInJournal) {
      RETURN_IF_ERROR(file->Sync());
      continue;
    }
    for (const ByteRange range : written(id).ranges()) {
      std::string text(range.length, '\0');
      RETURN_IF_ERROR(file->Read(range.offset, std::as_writable_bytes(std::span(text))));
      records.emplace_back(JournalBytes{journal_id_, id, range.offset, std::move(text)});
    }
  }
  return records;
}

Result<> LayeredFile::Promise(const UploadTarget& target) {
  if (services_.journal == nullptr) return Fail(ErrorCode::kUnsupported, "there is no journal");
  {
    MutexLock lock(mutex_);
    if (!upload_.dirty()) return {};
    // Parts that leave early go by the layer that they lie in, and cannot be frozen twice.
    if (on_sibling_ || early_ != nullptr || layers_.AnyParked({0, layers_.size()})) {
      return Fail(ErrorCode::kUnsupported, "not all of it is here, and only here");
    }
    ++localizing_;  // From here on no merge begins, and nothing is parked.
    while (merging_) changed_.Wait(mutex_);
  }
  auto promised = PromiseFrozen(target);
  MutexLock lock(mutex_);
  --localizing_;
  changed_.NotifyAll();
  return promised;
}

Result<> LayeredFile::PromiseFrozen(const UploadTarget& target) {
  Generation generation = 0;
  ContentSnapshot snapshot;
  std::vector<std::pair<LayerId, std::shared_ptr<StagingFile>>> layers;
  {
    MutexLock writing(write_mutex_);
    if (!journaled_) RETURN_IF_ERROR(EnterJournal(std::nullopt));
    MutexLock lock(mutex_);
    if (early_ != nullptr) return Fail(ErrorCode::kUnsupported, "parts of it are leaving");
    TakeTargetLocked(target);
    // What an attempt in progress stores elsewhere has to be stored again.
    if (upload_.in_progress() && current_target_ != EffectiveTargetLocked(*target_)) upload_.OnChange();
    // What is written from here on goes to another layer, and belongs to another generation.
    generation = upload_.Seal();
    snapshot = layers_.InImage(upload_.in_progress() ? layers_.FreezeApart() : layers_.Freeze());
    layers = UnsyncedLayersLocked(snapshot);
  }
  ASSIGN_OR_RETURN(auto records, SecureLayers(layers));
  {
    MutexLock writing(write_mutex_);
    MutexLock lock(mutex_);
    // Parts would be of what has been written since.
    if (early_ != nullptr) return Fail(ErrorCode::kUnsupported, "parts of it are leaving");
    // Stored or unlinked since it was frozen, or part of a later promise: there is nothing left to promise.
    const bool overtaken = promise_ && promise_->generation > generation;
    if (journaled_ && !upload_.IsStored(generation) && !overtaken) {
      const std::string upload_id = services_.uploader.NewUploadId();
      records.emplace_back(JournalTarget{journal_id_, *target_});
      records.emplace_back(JournalUpload{journal_id_, upload_id});
      records.emplace_back(JournalClosed{journal_id_, snapshot});
      lock.Unlock();
      RETURN_IF_ERROR(services_.journal->Append(records));
      lock.Lock();
      for (const auto& [id, file] : layers) synced_layers_.insert(id);
      std::optional<uint64_t> place = promise_ ? promise_->place : std::nullopt;
      if (snapshot.size == 0 && place) services_.registry.EndPromise(*std::exchange(place, std::nullopt));
      if (snapshot.size > 0 && !place) place = services_.registry.BeginPromise();
      promise_ = Promised{generation, snapshot, upload_id, place};
    }
  }
  return services_.promise_sync.Keep();
}

void LayeredFile::EndPromiseLocked() {
  if (!promise_) return;
  synced_layers_.clear();
  // First: who finds no promise left has to find the number of those that have ended.
  services_.registry.CountEndedPromise();
  LetOthersPassLocked();
  promise_.reset();
}

void LayeredFile::LetOthersPassLocked() {
  if (promise_ && promise_->place) services_.registry.EndPromise(*std::exchange(promise_->place, std::nullopt));
}

uint64_t LayeredFile::TakeLastPlaceLocked() {
  if (!promise_ || !promise_->place) return services_.registry.next_promise();
  // Who waits goes behind all that it waits for: so nobody waits for itself, nor two for each other.
  services_.registry.EndPromise(*promise_->place);
  promise_->place = services_.registry.BeginPromise();
  return *promise_->place;
}

bool LayeredFile::IsPromised(const ContentLayers::Merge& merge) const {
  MutexLock lock(mutex_);
  return promise_ && std::max(merge.from, merge.into) <= promise_->snapshot.top;
}

void LayeredFile::StoreSoon(const UploadTarget& target, const StoreDelay& delay) {
  services_.registry.Keep(shared_from_this(), services_.clock.Now());
  bool dirty = false;
  {
    MutexLock lock(mutex_);
    dirty = upload_.dirty();
    if (dirty) {
      TakeTargetLocked(target);
      const MonotonicTime now = services_.clock.Now();
      if (!due_ || *due_ == MonotonicTime::max()) due_at_most_ = now + delay.after_first;
      if (delay.in_turn) due_at_most_ = MonotonicTime::max();
      // What is on its way is not what it was meant to be any more.
      due_ = upload_.pending() ? now : delay.in_turn ? due_at_most_ : std::min(now + delay.after_last, due_at_most_);
      due_after_ = delay.after_earlier ? std::optional(TakeLastPlaceLocked()) : std::nullopt;
    }
  }
  if (!dirty) return services_.registry.LetGo(this);
  StoreWhenDue();
}

bool LayeredFile::stored_soon() const {
  MutexLock lock(mutex_);
  return due_.has_value();
}

bool LayeredFile::waits_for_its_turn() const {
  MutexLock lock(mutex_);
  return due_ && *due_ == MonotonicTime::max();
}

std::optional<uint64_t> LayeredFile::waits_for() const {
  MutexLock lock(mutex_);
  return due_ ? due_after_ : std::nullopt;
}

bool LayeredFile::stored_soon_as_it_is() const {
  MutexLock lock(mutex_);
  return due_ && !(promise_ && upload_.ChangedSince(promise_->generation));
}

bool LayeredFile::promised_as_it_is() const {
  MutexLock lock(mutex_);
  return promise_ && !upload_.ChangedSince(promise_->generation);
}

bool LayeredFile::uploading() const {
  MutexLock lock(mutex_);
  return upload_.in_progress();
}

bool LayeredFile::TakeBack() {
  MutexLock lock(mutex_);
  return std::exchange(due_, std::nullopt).has_value();
}

void LayeredFile::StoreNow() {
  {
    MutexLock lock(mutex_);
    if (!due_) return;
    due_ = services_.clock.Now();
  }
  StoreWhenDue();
}

void LayeredFile::StoreWhenDue() {
  constexpr Duration kLookAgain = std::chrono::milliseconds(20);
  bool asked = false;
  Duration left{0};
  {
    MutexLock lock(mutex_);
    if (!due_ || *due_ == MonotonicTime::max()) return;
    left = *due_ - services_.clock.Now();
    const bool waits = due_after_ && services_.registry.AnyPromiseBefore(*due_after_);
    if (left <= Duration(0) && waits) left = kLookAgain;
    if (left <= Duration(0)) {
      due_.reset();
      asked = true;
      if (promise_) {
        upload_.RequestSealed(promise_->generation);
      } else {
        upload_.RequestInBackground(current_target_ == EffectiveTargetLocked(*target_));
      }
    } else {
      if (due_scheduled_) return;
      due_scheduled_ = true;
    }
  }
  if (asked) return BeginUpload();
  services_.timer.RunAfter(left, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    {
      MutexLock lock(self->mutex_);
      self->due_scheduled_ = false;
    }
    self->StoreWhenDue();
  });
}

}  // namespace cosfuse
