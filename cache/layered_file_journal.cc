#include <utility>
#include <vector>

#include "base/log.h"
#include "cache/layered_file.h"

namespace cosfuse {

std::shared_ptr<LayeredFile> LayeredFile::Restore(const FileServices& services, Left left) {
  const bool copied = left.state.copied_from.has_value();
  const std::shared_ptr<LayeredFile> file(new LayeredFile(services, std::move(left)));
  services.registry.Add(file);
  if (copied) services.registry.AddCopy(file);
  return file;
}

LayeredFile::LayeredFile(const FileServices& services, Left left)
    : services_(services),
      journal_id_(left.id),
      journaled_(services.journal != nullptr),
      base_(std::move(left.state.base)),
      copied_from_(std::move(left.state.copied_from)),
      layers_(left.state.content),
      files_(std::move(left.files)),
      noted_key_(left.state.target.key),
      target_(std::move(left.state.target)),
      earlier_ids_(std::move(left.state.upload_ids)),
      answer_lost_(!earlier_ids_.empty()),
      on_sibling_(left.state.on_sibling),
      archive_(std::move(left.state.archive)) {
  upload_.OnChange();
  // Without a journal it is what the caller does with it.
  if (!left.state.closed || services_.journal == nullptr) return;
  for (const auto& [layer, file] : files_) synced_layers_.insert(layer);
  promise_ = Promised{.generation = upload_.Seal(), .snapshot = layers_.Freeze(), .upload_id = {}};
  if (layers_.size() > 0) promise_->place = services_.registry.BeginPromise();
}

JournaledFile LayeredFile::DescribeLocked() const {
  JournaledFile file;
  file.base = base_;
  file.copied_from = copied_from_;
  if (target_) file.target = *target_;
  if (file.target.key.empty()) file.target.key = noted_key_;
  file.on_sibling = on_sibling_;
  file.archive = archive_;
  file.upload_ids = earlier_ids_;
  file.upload_ids.insert(file.upload_ids.end(), present_ids_.begin(), present_ids_.end());
  if (promise_ && !promise_->upload_id.empty()) file.upload_ids.push_back(promise_->upload_id);
  file.content = layers_.Image();
  if (promise_) file.closed = promise_->snapshot;
  return file;
}

Result<> LayeredFile::EnterJournal(std::optional<JournalRecord> change) {
  std::vector<JournalRecord> records;
  {
    MutexLock lock(mutex_);
    // Nothing of an unlinked file is wanted back.
    if (upload_.discarded()) return {};
    records.emplace_back(JournalFileRecord{journal_id_, DescribeLocked()});
  }
  if (change) records.push_back(*std::move(change));
  RETURN_IF_ERROR(services_.journal->Append(records));
  journaled_ = true;
  return {};
}

Result<> LayeredFile::Note(const JournalRecord& change) {
  if (services_.journal == nullptr) return {};
  for (;;) {
    auto noted = journaled_ ? services_.journal->Append(change) : EnterJournal(change);
    const bool full = !noted && noted.error().code() == ErrorCode::kNoSpace;
    if (!full || !services_.staging.MakeRoom()) return noted;
  }
}

void LayeredFile::NoteIfJournaled(const JournalRecord& change) {
  if (!journaled_) return;
  const auto noted = services_.journal->Append(change);
  if (!noted) {
    Log(LogLevel::kWarning, "the journal lacks a change of a file; after a crash, it may be offered as it was before",
        {{"error", noted.error().ToString()}});
  }
}

void LayeredFile::NoteAnew() {
  MutexLock writing(write_mutex_);
  NoteAnewHeld();
}

void LayeredFile::NoteAnewHeld() {
  if (!journaled_) return;
  JournaledFile state;
  {
    MutexLock lock(mutex_);
    state = DescribeLocked();
  }
  NoteIfJournaled(JournalFileRecord{journal_id_, std::move(state)});
}

void LayeredFile::NoteStored(const ContentSnapshot& snapshot, const UploadOutcome& outcome) {
  ContentSnapshot in_image;
  bool all = false;
  std::string promised_id;
  {
    MutexLock lock(mutex_);
    in_image = layers_.InImage(snapshot);
    all = upload_.attempt_covers_all() || upload_.discarded();
    if (promise_) promised_id = promise_->upload_id;
  }
  if (all) {
    NoteGone();
  } else if (outcome.kind != UploadOutcome::Kind::kArchived) {
    NoteIfJournaled(JournalStored{journal_id_, in_image, outcome.version});
    // A promise during this upload has taken down its id before: with what is stored the earlier ids are forgotten.
    if (!promised_id.empty()) NoteIfJournaled(JournalUpload{journal_id_, promised_id});
  }
}

void LayeredFile::NoteGone() {
  NoteIfJournaled(JournalGone{journal_id_});
  journaled_ = false;
}

void LayeredFile::NoteKey(const ObjectKey& key) {
  {
    MutexLock lock(mutex_);
    noted_key_ = key;
    if (target_) target_->key = key;
  }
  NoteAnew();
}

void LayeredFile::KeepForLater() {
  MutexLock writing(write_mutex_);
  if (!journaled_) return;
  MutexLock lock(mutex_);
  for (const auto& [layer, file] : files_) file->KeepName(true);
}

}  // namespace cosfuse
