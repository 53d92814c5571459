#include <utility>

#include "base/log.h"
#include "cache/frozen_content.h"
#include "cache/upload_retry.h"

namespace cosfuse {

void LayeredFile::TakeTargetLocked(const UploadTarget& target) {
  if (!target_ || target.order >= target_->order) target_ = target;
}

UploadTarget LayeredFile::EffectiveTargetLocked(const UploadTarget& target) const {
  if (on_sibling_) return {StandingLocked()->key, target.metadata, WriteMode::kOverBase};
  UploadTarget effective = target;
  // What was to be replaced has been: another version there by now is somebody else's.
  const bool replaced = base_is_own_ && base_->key == target.key;
  if (replaced && !services_.uploader.write_only()) effective.mode = WriteMode::kOverBase;
  return effective;
}

Result<> LayeredFile::Upload(const OpContext& context, const UploadTarget& target) {
  const auto sibling_answer = [this]() -> Result<> {
    mutex_.AssertHeld();
    if (!on_sibling_) return {};
    return Fail(ErrorCode::kStale,
                "another program has changed the file: what was written here is " + StandingLocked()->key);
  };
  if (!dirty()) {
    MutexLock lock(mutex_);
    return sibling_answer();
  }
  if (!context.may_wait()) return Fail(ErrorCode::kWouldWait, "an upload waits for the store");
  // Else the successor on a node that ends would find what this makes in the place of what was promised before.
  RETURN_IF_ERROR(services_.promise_sync.KeepEnds(services_.registry.ended_promises()));
  services_.registry.Keep(shared_from_this(), services_.clock.Now());
  std::optional<UploadTicket> ticket;
  bool promised = false;
  {
    MutexLock lock(mutex_);
    TakeTargetLocked(target);
    due_.reset();
    promised = promise_.has_value();
    // Who waits here may fail; what was promised is tried again all the same.
    if (promised) upload_.RequestSealed(promise_->generation);
    ticket = upload_.Request(current_target_ == EffectiveTargetLocked(*target_));
  }
  if (ticket) {
    BeginUpload();
    RETURN_IF_ERROR(WaitForAnswer(context, *ticket));
    // Else a node that ends now would have its successor store what was promised before this.
    if (promised) RETURN_IF_ERROR(services_.promise_sync.KeepEnds(services_.registry.ended_promises()));
  } else {
    services_.registry.LetGo(this);
  }
  MutexLock lock(mutex_);
  return sibling_answer();
}

Result<> LayeredFile::WaitForAnswer(const OpContext& context, const UploadTicket& ticket) {
  std::optional<Result<>> answer;
  RETURN_IF_ERROR(WaitUntil(context, [&] {
    mutex_.AssertHeld();
    answer = upload_.Answer(ticket);
    return answer.has_value();
  }));
  return *std::move(answer);
}

void LayeredFile::StartUpload(const UploadTarget& target) {
  services_.registry.Keep(shared_from_this(), services_.clock.Now());
  bool asked = false;
  {
    MutexLock lock(mutex_);
    asked = upload_.dirty();
    due_.reset();
    if (asked) {
      TakeTargetLocked(target);
      upload_.RequestInBackground(current_target_ == EffectiveTargetLocked(*target_));
    }
  }
  if (asked) {
    BeginUpload();
  } else {
    services_.registry.LetGo(this);
  }
}

void LayeredFile::ResumeUpload() {
  std::optional<UploadTarget> target;
  {
    MutexLock lock(mutex_);
    target = target_;
  }
  if (target) StartUpload(*target);
}

Result<> LayeredFile::WaitForUpload(const OpContext& context) {
  return WaitUntil(context, [this] {
    mutex_.AssertHeld();
    return !upload_.pending();
  });
}

void LayeredFile::BeginUpload() {
  {
    MutexLock lock(mutex_);
    if (posted_ || !upload_.pending()) return;
    posted_ = true;
  }
  services_.upload_pool.Post([self = shared_from_this()] { self->RunUpload(); });
}

void LayeredFile::RunUpload() {
  ContentSnapshot snapshot;
  UploadJob job;
  std::shared_ptr<EarlyUpload> early;
  OpContext context;
  {
    MutexLock writing(write_mutex_);
    MutexLock lock(mutex_);
    // Those that are in progress by now are cancelled one by one.
    if (services_.stop.cancelled()) {
      posted_ = false;
      return;
    }
    // A promise that lies on clean layers alone has no bytes of its own.
    const bool sealed = promise_ && promise_->snapshot.top != LayerId{0};
    const auto begun = upload_.Begin(sealed ? std::optional(promise_->generation) : std::nullopt);
    if (!begun) {
      posted_ = false;
      return;
    }
    const bool of_promise = sealed && *begun == promise_->generation;
    snapshot = of_promise ? promise_->snapshot : layers_.Freeze();
    job.target = EffectiveTargetLocked(*target_);
    job.base = base_;
    job.archive = archive_;
    job.copied_from = copied_from_;
    if (of_promise) job.id = std::exchange(promise_->upload_id, {});
    const bool noted = !job.id.empty();
    if (!noted) job.id = services_.uploader.NewUploadId();
    job.earlier_ids = earlier_ids_;
    early = SealEarlyLocked();
    present_ids_ = {job.id};
    if (early != nullptr) present_ids_.push_back(early->id);
    current_target_ = job.target;
    upload_cancellation_ = std::make_shared<Cancellation>();
    context = context.WithCancellation(upload_cancellation_).WithPatience(services_.io_timeout);
    lock.Unlock();
    if (!noted) NoteIfJournaled(JournalUpload{journal_id_, job.id});
    if (early != nullptr) NoteIfJournaled(JournalUpload{journal_id_, early->id});
    lock.Lock();
  }
  const auto kept = KeepCopiesOf(context, job.target.key);
  if (early != nullptr) job.begun = TakeEarly(context, *early, snapshot, job.target);
  const auto outcome = kept ? SendSnapshot(context, snapshot, job) : Fail(kept.error());
  ReturnEarly(early, job.begun.get(), snapshot, outcome);
  if (outcome) {
    UploadSucceeded(snapshot, *outcome, job.target.key);
  } else {
    UploadFailed(outcome.error(), job);
  }
  MergeLayers();
  {
    MutexLock lock(mutex_);
    posted_ = false;
  }
  BeginUpload();
}

Result<> LayeredFile::KeepCopiesOf(const OpContext& context, const ObjectKey& key) {
  for (const auto& file : services_.registry.Copies()) {
    if (file.get() != this) RETURN_IF_ERROR(file->KeepCopied(context, key));
  }
  return {};
}

Result<UploadOutcome> LayeredFile::SendSnapshot(const OpContext& context, const ContentSnapshot& snapshot,
                                                UploadJob& job) {
  constexpr int kMostRounds = 3;
  FrozenContent content(*this, snapshot);
  for (int round = 1;; ++round) {
    auto outcome = services_.uploader.Run(context, content, job);
    if (!outcome || outcome->kind != UploadOutcome::Kind::kEarlierOwn) return outcome;
    if (round == kMostRounds) return Fail(ErrorCode::kConflictInProgress, "earlier uploads keep arriving");
    // What an earlier attempt made lies under the same layers as the base before it.
    const auto completed = CompletedEarly(*outcome);
    SetBase(outcome->version, completed.has_value());
    NoteAnew();
    job.base = outcome->version;
    if (completed) job.copied_from.reset();
    if (completed == snapshot.top) {
      outcome->kind = UploadOutcome::Kind::kStored;
      return outcome;
    }
    if (completed) {
      CommitEarly(*completed, outcome->version.size);
      job.begun.reset();
    }
  }
}

void LayeredFile::SetBase(const BaseVersion& version, bool whole) {
  std::optional<BlockFileId> blocks;
  bool copied = false;
  {
    MutexLock lock(mutex_);
    base_ = version;
    base_is_own_ = true;
    copied = copied_from_.has_value();
    if (whole) {
      copied_from_.reset();
      keep_copied_ = false;
    }
    if (!copied_from_) blocks = base_blocks_;
  }
  if (whole && copied) services_.registry.RemoveCopy(this);
  if (blocks) services_.blocks.Replace(*blocks, version);
  MutexLock lock(mutex_);
  ++rebases_;
  changed_.NotifyAll();
}

void LayeredFile::Rebase(const BaseVersion& version) {
  std::optional<BlockFileId> blocks;
  {
    MutexLock lock(mutex_);
    base_ = version;
    on_sibling_ = false;
    archive_.reset();
    // What starts by itself later goes where the file is now, not where it was.
    if (target_) target_->key = version.key;
    noted_key_ = version.key;
    if (!copied_from_) blocks = base_blocks_;
  }
  if (blocks) services_.blocks.Rebase(*blocks, version);
  {
    MutexLock lock(mutex_);
    ++rebases_;
    changed_.NotifyAll();
  }
  NoteAnew();
}

void LayeredFile::UploadSucceeded(const ContentSnapshot& snapshot, const UploadOutcome& outcome,
                                  const ObjectKey& wanted_key) {
  const bool archived = outcome.kind == UploadOutcome::Kind::kArchived;
  const bool conflict = outcome.version.key != wanted_key;
  if (!archived) SetBase(outcome.version, true);
  if (conflict) {
    services_.registry.CountConflict();
    Log(LogLevel::kWarning,
        archived ? "another program has changed a file that was changed here, too; its changes are kept in an archive"
                 : "another program has changed a file that was written here; both versions are kept",
        {{"key", wanted_key}, {"written_here", outcome.version.key}});
  }
  Garbage gone;
  bool clean = false;
  {
    MutexLock writing(write_mutex_);
    NoteStored(snapshot, outcome);
    {
      MutexLock lock(mutex_);
      if (archived) {
        // The base has none of it: the next archive needs all of it again.
        archive_ = outcome.version;
      } else {
        CommitLocked(snapshot, gone);
        archive_.reset();
      }
      on_sibling_ = on_sibling_ || conflict;
      current_target_.reset();
      upload_cancellation_.reset();
      earlier_ids_.clear();
      present_ids_.clear();
      answer_lost_ = false;
      failures_ = 0;
      refusals_ = 0;
      upload_.Succeeded();
      clean = !upload_.dirty();
      if (promise_ && upload_.IsStored(promise_->generation)) EndPromiseLocked();
      changed_.NotifyAll();
    }
    if (conflict || archived) NoteAnewHeld();
  }
  if (clean) {
    services_.registry.LetGo(this);
  } else {
    services_.registry.KeepAnew(this, services_.clock.Now());
  }
  // Nobody waits for that.
  if (services_.uploader.any_left()) {
    services_.upload_pool.Post([&uploader = services_.uploader] { uploader.AbortLeft(); });
  }
  services_.registry.NotifyChange();
}

void LayeredFile::RememberIdLocked(const std::string& id) {
  constexpr size_t kMostIds = 16;
  if (earlier_ids_.size() == kMostIds) earlier_ids_.erase(earlier_ids_.begin());
  earlier_ids_.push_back(id);
}

void LayeredFile::UploadFailed(const Error& error, const UploadJob& job) {
  constexpr int kMostRefusals = 3;
  std::optional<Duration> delay;
  bool discarded = false;
  bool persistent = false;
  bool stuck = false;
  {
    MutexLock lock(mutex_);
    current_target_.reset();
    upload_cancellation_.reset();
    present_ids_.clear();
    RememberIdLocked(job.begun && job.begun->used ? job.begun->id : job.id);
    answer_lost_ = answer_lost_ || MayBeStoredAfter(error.code());
    ++failures_;
    refusals_ = MayBeStoredAfter(error.code()) ? 0 : refusals_ + 1;
    upload_.Failed(error);
    discarded = upload_.discarded();
    persistent = upload_.persistent();
    if (persistent) delay = DecideUploadRetry(error.code(), failures_, services_.random.Uniform());
    retry_scheduled_ = delay.has_value();
    // A person has to mend it: what waits for it would wait for ever.
    stuck = persistent && (!delay || refusals_ >= kMostRefusals);
    if (stuck) LetOthersPassLocked();
    changed_.NotifyAll();
  }
  if (discarded) {
    services_.registry.LetGo(this);
  } else {
    services_.registry.CountFailedUpload();
  }
  if (stuck || !persistent) services_.registry.KeepWithoutAge(this);
  if (persistent) {
    Log(delay ? LogLevel::kWarning : LogLevel::kError,
        delay ? "an upload has failed and will be tried again" : "an upload has failed; its bytes are kept here only",
        {{"key", job.target.key}, {"error", error.ToString()}});
  }
  if (delay) {
    services_.timer.RunAfter(*delay, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->RetryUpload();
    });
  }
  services_.registry.NotifyChange();
}

void LayeredFile::RetryUpload() {
  {
    MutexLock lock(mutex_);
    retry_scheduled_ = false;
    upload_.RequestAgain();
  }
  BeginUpload();
}

void LayeredFile::Discard() {
  std::shared_ptr<EarlyUpload> early;
  bool promised = false;
  {
    MutexLock lock(mutex_);
    upload_.Discard();
    due_.reset();
    promised = promise_.has_value();
    EndPromiseLocked();
    if (early_ != nullptr && !early_->in_attempt) early = early_;
    changed_.NotifyAll();
  }
  if (early != nullptr) DropEarly(early);
  CancelUpload();
  {
    MutexLock writing(write_mutex_);
    NoteGone();
  }
  // Else it could come back after the node has ended, although a program was told that it is gone.
  if (promised) {
    if (const auto synced = services_.journal->Sync(); !synced) {
      Log(LogLevel::kError, "the journal cannot be synced", {{"error", synced.error().ToString()}});
    }
  }
  services_.registry.LetGo(this);
  services_.registry.NotifyChange();
}

void LayeredFile::CancelUpload() {
  std::shared_ptr<Cancellation> cancellation;
  {
    MutexLock lock(mutex_);
    cancellation = upload_cancellation_;
  }
  if (cancellation) cancellation->Cancel();
  base_cancellation_->Cancel();
}

}  // namespace cosfuse
