#include <algorithm>
#include <utility>

#include "cache/layered_file.h"

namespace cosfuse {
namespace {

constexpr int kMostEarlyFailures = 3;  // In a row: then the file waits for its close.

}  // namespace

/// The bytes of early parts: those of one layer and what lies below it, whatever is written above.
class LayeredFile::EarlyContent final : public UploadContent {
 public:
  EarlyContent(LayeredFile& file, LayerId layer) : file_(file), layer_(layer) {}

  ByteCount size() const override { return kLargestObject; }
  Result<> Prepare(const OpContext& /*context*/, ByteRange /*range*/) override { return {}; }
  Result<> Read(ByteCount offset, std::span<std::byte> out) override {
    return file_.ReadSnapshot({layer_, offset + out.size()}, offset, out);
  }

 private:
  LayeredFile& file_;
  const LayerId layer_;
};

bool LayeredFile::CanStoreEarly() const {
  MutexLock lock(mutex_);
  return early_ != nullptr && !early_->target && !early_->sealed;
}

void LayeredFile::StoreEarly(const UploadTarget& target) {
  std::shared_ptr<EarlyUpload> early;
  {
    MutexLock lock(mutex_);
    if (early_ == nullptr || early_->target || early_->sealed) return;
    early = early_;
    early->target = target;
  }
  services_.upload_pool.Post([self = shared_from_this(), early] { self->BeginEarly(early); });
}

std::optional<ObjectMetadata> LayeredFile::early_metadata() const {
  MutexLock lock(mutex_);
  return early_metadata_;
}

bool LayeredFile::GiveUpEarly() {
  std::shared_ptr<EarlyUpload> early;
  {
    MutexLock lock(mutex_);
    if (layers_.AnyParked({0, layers_.size()})) return false;
    if (early_ == nullptr || early_->in_attempt) return true;
    // From here on nothing of it is parked.
    early = std::exchange(early_, nullptr);
    // A writer who finds the disk full may depend on what leaves next.
    ConsiderEarlyLocked(early->ledger.start());
  }
  DropEarly(early);
  return true;
}

void LayeredFile::NoteWriteLocked(ByteRange range) {
  if (early_ != nullptr) {
    if (!early_->in_attempt) early_->ledger.OnWrite(range);
    return;
  }
  ConsiderEarlyLocked(range.offset);
}

void LayeredFile::ConsiderEarlyLocked(ByteCount offset) {
  // A promise is sent as it was, and parts of what was written since are none of it.
  if (on_sibling_ || upload_.discarded() || upload_.in_progress() || promise_) return;
  const ByteRange written = layers_.active_extents().RangeAt(offset);
  const Uploader& uploader = services_.uploader;
  const auto start = StreamLedger::FindStart(written, uploader.part_size(), uploader.limits());
  if (!start) return;
  early_ = std::make_shared<EarlyUpload>(StreamLedger(*start, uploader.part_size(), uploader.limits()),
                                         layers_.active(), services_.uploader.NewUploadId());
}

void LayeredFile::NoteTruncateLocked(ByteCount size) {
  if (early_ != nullptr && !early_->in_attempt) early_->ledger.OnTruncate(size);
}

void LayeredFile::NoteZeroLocked(ByteRange range) {
  if (early_ != nullptr && !early_->in_attempt) early_->ledger.OnWrite(range);
}

void LayeredFile::BeginEarly(const std::shared_ptr<EarlyUpload>& early) {
  UploadTarget target;
  std::optional<BaseVersion> base;
  bool unwanted = false;
  {
    MutexLock lock(mutex_);
    unwanted = early->sealed || early->dropped;
    if (!unwanted) {
      early->phase = EarlyUpload::Phase::kBeginning;
      target = *early->target;
      base = base_;
    }
  }
  if (unwanted) return services_.registry.NotifyChange();
  const OpContext context = OpContext().WithCancellation(early->cancellation).WithPatience(services_.io_timeout);
  const auto begun = services_.uploader.Begin(context, target, base, early->id);
  {
    MutexLock lock(mutex_);
    early->phase = begun ? EarlyUpload::Phase::kOpen : EarlyUpload::Phase::kFailed;
    if (begun) early->upload_id = *begun;
    unwanted = early->dropped && begun;
    changed_.NotifyAll();
  }
  if (unwanted) services_.uploader.Abort(target.key, *begun);
  services_.registry.NotifyChange();
  SendEarlyParts(false);
}

bool LayeredFile::SendEarlyParts(bool space_is_short) {
  std::vector<EarlyPart> parts;
  std::shared_ptr<EarlyUpload> early;
  {
    MutexLock lock(mutex_);
    early = early_;
    if (early == nullptr || early->phase != EarlyUpload::Phase::kOpen || early->sealed) return false;
    while (early->queued + early->sending < early->window) {
      const ByteCount end = early->ledger.end();
      const auto part = early->ledger.TakeNext(end + layers_.active_extents().ContiguousFrom(end), space_is_short);
      if (!part) break;
      ++early->queued;
      parts.push_back(*part);
    }
  }
  for (const EarlyPart& part : parts) {
    services_.upload_pool.Post([self = shared_from_this(), early, part] { self->SendEarlyPart(early, part); });
  }
  return !parts.empty();
}

void LayeredFile::SendEarlyPart(const std::shared_ptr<EarlyUpload>& early, const EarlyPart& part) {
  BegunUpload upload;
  bool unwanted = false;
  {
    MutexLock lock(mutex_);
    --early->queued;
    unwanted = early->sealed || early->dropped;
    if (unwanted) {
      early->ledger.OnFailed(part.number);
    } else {
      ++early->sending;
      upload.key = early->target->key;
      upload.upload_id = early->upload_id;
    }
  }
  if (unwanted) return services_.registry.NotifyChange();  // It may have been the last that a writer waits for.
  const OpContext context = OpContext().WithCancellation(early->cancellation).WithPatience(services_.io_timeout);
  EarlyContent content(*this, early->layer);
  auto sent = services_.uploader.SendPart(context, upload, content, part);
  bool last = false;
  {
    MutexLock lock(mutex_);
    --early->sending;
    if (sent) {
      early->ledger.OnSent(part.number, *std::move(sent));
      early->window = std::min(early->window + 1, services_.uploader.parallel_parts());
      early->failures = 0;
    } else {
      early->ledger.OnFailed(part.number);
      early->window = std::max<size_t>(early->window / 2, 1);
      early->sealed = early->sealed || ++early->failures == kMostEarlyFailures;
    }
    last = early->dropped && early->sending == 0;
    changed_.NotifyAll();
  }
  if (last) services_.uploader.Abort(upload.key, upload.upload_id);
  services_.registry.NotifyChange();
  SendEarlyParts(false);
}

std::shared_ptr<EarlyUpload> LayeredFile::SealEarlyLocked() {
  if (early_ != nullptr) early_->sealed = early_->in_attempt = true;
  return early_;
}

std::shared_ptr<BegunUpload> LayeredFile::TakeEarly(const OpContext& context, EarlyUpload& early,
                                                    const ContentSnapshot& snapshot, const UploadTarget& target) {
  const auto quiet = WaitUntil(context, [&] {
    mutex_.AssertHeld();
    return early.sending == 0 && early.phase != EarlyUpload::Phase::kBeginning;
  });
  MutexLock lock(mutex_);
  const bool fits = early.target && early.target->key == target.key && early.target->mode == target.mode;
  if (!quiet || early.phase != EarlyUpload::Phase::kOpen || !fits) return nullptr;
  auto begun = std::make_shared<BegunUpload>();
  begun->key = target.key;
  begun->id = early.id;
  begun->upload_id = early.upload_id;
  begun->parts = early.ledger.parts();
  begun->completed_otherwise = early.completed_top && *early.completed_top != snapshot.top;
  for (const EarlyPart& part : begun->parts) {
    if (!part.stale) begun->arrived.emplace(part.number, early.ledger.SentPart(part.number));
  }
  return begun;
}

void LayeredFile::ReturnEarly(const std::shared_ptr<EarlyUpload>& early, const BegunUpload* begun,
                              const ContentSnapshot& snapshot, const Result<UploadOutcome>& outcome) {
  bool keep = false;
  {
    MutexLock lock(mutex_);
    if (outcome) early_metadata_.reset();
    if (early == nullptr) return;
    early->in_attempt = false;
    if (outcome && outcome->made_by == early->id) {
      early_metadata_ = early->target->metadata;
      early_.reset();
      return;
    }
    const bool only_copy = layers_.AnyParked({0, snapshot.size});
    const bool open = begun != nullptr && !begun->completing && !outcome &&
                      outcome.error().code() != ErrorCode::kMissingUpload && !upload_.discarded();
    keep = !outcome && (open || only_copy);
    if (keep) {
      if (begun != nullptr && begun->completing) early->completed_top = snapshot.top;
      // What was written since the freeze was not noted.
      for (const ByteRange range : layers_.active_extents().ranges()) early->ledger.OnWrite(range);
      for (const ByteRange range : layers_.active_zeroed().ranges()) early->ledger.OnWrite(range);
      early->ledger.OnTruncate(layers_.active_clip());
    } else {
      early_.reset();
    }
  }
  if (!keep) DropEarly(early);
}

std::optional<LayerId> LayeredFile::CompletedEarly(const UploadOutcome& outcome) const {
  MutexLock lock(mutex_);
  if (early_ == nullptr || early_->id != outcome.made_by) return std::nullopt;
  return early_->completed_top;
}

void LayeredFile::CommitEarly(LayerId top, ByteCount size) {
  Garbage gone;
  MutexLock writing(write_mutex_);
  {
    MutexLock lock(mutex_);
    CommitLocked({top, size}, gone);
    early_.reset();
  }
  NoteAnewHeld();
}

void LayeredFile::DropEarly(const std::shared_ptr<EarlyUpload>& early) {
  std::string upload_id;
  ObjectKey key;
  {
    MutexLock lock(mutex_);
    early->sealed = early->dropped = true;
    if (early_ == early) early_.reset();
    if (early->sending == 0 && early->phase == EarlyUpload::Phase::kOpen) {
      upload_id = early->upload_id;
      key = early->target->key;
    }
  }
  early->cancellation->Cancel();
  services_.registry.NotifyChange();
  if (upload_id.empty()) return;  // Never begun, or the last part that is being sent sees to it.
  services_.upload_pool.Post([&uploader = services_.uploader, key, upload_id] { uploader.Abort(key, upload_id); });
}

bool LayeredFile::ParkSent() {
  MutexLock writing(write_mutex_);
  std::vector<ByteRange> ranges;
  std::shared_ptr<StagingFile> file;
  LayerId layer{};
  {
    MutexLock lock(mutex_);
    if (early_ == nullptr || early_->in_attempt || early_->dropped || localizing_ > 0 || keep_local_) return false;
    const auto found = files_.find(early_->layer);
    if (found == files_.end()) return false;
    file = found->second;
    layer = early_->layer;
    for (const ByteRange range : early_->ledger.arrived()) {
      if (layers_.AnyParked(range)) continue;
      layers_.Park(early_->layer, range);
      ranges.push_back(range);
    }
    if (ranges.empty()) return false;
    ++cuts_;  // Readers that planned with these bytes plan anew.
  }
  for (const ByteRange range : ranges) {
    NoteIfJournaled(JournalPark{journal_id_, layer, range});
    file->Release(range);
  }
  return true;
}

bool LayeredFile::TouchesParkedLocked(ByteRange range) const {
  if (early_ == nullptr) return false;
  const ByteRange touched = early_->ledger.Touched(range);
  return !touched.empty() && layers_.AnyParked(touched);
}

bool LayeredFile::CutsParkedLocked(ByteCount size) const {
  if (early_ == nullptr) return false;
  const ByteRange touched = early_->ledger.Touched({size, 1});
  return touched.offset < size && !touched.empty() && layers_.AnyParked(touched);
}

Result<> LayeredFile::StoreParked(const OpContext& context) {
  std::optional<UploadTarget> target;
  for (;;) {
    bool ending = false;
    {
      MutexLock lock(mutex_);
      if (!layers_.AnyParked({0, layers_.size()})) return {};
      if (early_ != nullptr && !upload_.discarded()) target = early_->target;
      // What has taken them over has stored them, and is about to say so.
      ending = !target && upload_.in_progress();
    }
    if (!ending) break;
    RETURN_IF_ERROR(WaitUntil(context, [this] {
      mutex_.AssertHeld();
      return !upload_.in_progress();
    }));
  }
  if (!target) return Fail(ErrorCode::kStale, "bytes that had left with an upload that is given up");
  return Upload(context, *target);
}

Result<> LayeredFile::PrepareWrite(const OpContext& context, ByteRange range) {
  RETURN_IF_ERROR(context.CheckMayWait(services_.clock.Now()));
  bool parked = false;
  bool room_wanted = false;
  {
    MutexLock lock(mutex_);
    parked = TouchesParkedLocked(range);
    room_wanted = room_wanted_;
  }
  if (parked) return StoreParked(context);
  if (!room_wanted) return {};  // What was parked there has been stored meanwhile.
  const uint64_t changes = services_.registry.changes();
  const bool leaves = services_.registry.AnythingLeaves();
  if (services_.registry.MakeRoom()) return {};
  if (!leaves && !services_.registry.AnythingLeaves()) return Fail(ErrorCode::kNoSpace, "no room for what is written");
  // Whatever leaves makes progress, or fails, within that time.
  const MonotonicTime limit = services_.clock.Now() + 2 * services_.io_timeout;
  return services_.registry.WaitForChange(context.WithDeadline(std::min(context.deadline(), limit)), services_.clock,
                                          changes);
}

bool LayeredFile::leaves_early() const {
  MutexLock lock(mutex_);
  return early_ != nullptr;
}

bool LayeredFile::leaving() const {
  MutexLock lock(mutex_);
  if (upload_.in_progress() || due_) return true;
  if (early_ == nullptr || !early_->target) return false;
  const bool begins = early_->phase == EarlyUpload::Phase::kBeginning ||
                      (early_->phase == EarlyUpload::Phase::kIdle && !early_->sealed);
  return begins || early_->sending + early_->queued > 0;
}

}  // namespace cosfuse
