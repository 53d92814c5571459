#include <algorithm>
#include <utility>

#include "cache/layered_file.h"
#include "cache/range_copy.h"

namespace cosfuse {

std::optional<BaseVersion> LayeredFile::copyable_version() const {
  MutexLock lock(mutex_);
  if (upload_.dirty() || upload_.discarded() || keep_local_ || archive_) return std::nullopt;
  return base_;
}

std::optional<ByteCount> LayeredFile::CopyFrom(const std::optional<BaseVersion>& source, ByteCount from, ByteCount to,
                                               ByteCount length) {
  MutexLock writing(write_mutex_);
  Garbage gone;
  ByteCount taken = 0;
  {
    MutexLock lock(mutex_);
    // Whatever is at work on the layers goes by what they were.
    if (upload_.in_progress() || upload_.discarded() || merging_ || localizing_ > 0 || keep_local_ || keep_copied_ ||
        on_sibling_ || early_ != nullptr) {
      return std::nullopt;
    }
    const auto decided =
        DecideRangeCopy({.source_size = source ? source->size : 0,
                         .from = from,
                         .to = to,
                         .length = length,
                         .target_size = layers_.size(),
                         .source_is_stored = source.has_value(),
                         .target_is_source_prefix = source && copied_from_ == source && layers_.ShowsBaseOnly()},
                        services_.uploader.limits().smallest_part);
    if (!decided || *decided == 0) return decided;
    taken = *decided;
    ForgetFilesLocked(layers_.ReplaceBase(to + taken), gone);
    // Readers that planned with what was there plan anew; until they know that, they may still read there.
    ++cuts_;
    if (copied_from_ != source && base_blocks_) {
      old_blocks_.push_back(*base_blocks_);
      base_blocks_.reset();
    }
    if (copied_from_ != source) source_copies_.clear();
    copied_from_ = source;
    upload_.OnChange();
  }
  // Without the journal's help what was taken over is still where it was.
  if (services_.journal != nullptr) static_cast<void>(EnterJournal(std::nullopt));
  services_.registry.AddCopy(shared_from_this());
  return taken;
}

std::optional<BaseVersion> LayeredFile::copied_from() const {
  MutexLock lock(mutex_);
  return copied_from_;
}

Result<> LayeredFile::KeepCopied(const OpContext& context, const ObjectKey& key) {
  {
    MutexLock lock(mutex_);
    if (!copied_from_ || copied_from_->key != key) return {};
  }
  auto kept = FetchMissing(context, &LayeredFile::keep_copied_);
  // Lost already, to another program: the file's own uploads say so, and nobody else has to.
  if (!kept && kept.error().code() == ErrorCode::kStale) return {};
  return kept;
}

Result<> LayeredFile::ExpectOwnCopy(const OpContext& context, const BaseVersion& of, const std::string& id) {
  constexpr size_t kMostIds = 16;
  std::optional<BaseVersion> earlier;
  {
    MutexLock lock(mutex_);
    if (!copied_from_ || copied_from_->key != of.key) return {};
    // An earlier one was made, after all: its id is about to go.
    if (copied_from_ != of && !source_copies_.empty()) earlier = copied_from_;
  }
  if (earlier) RETURN_IF_ERROR(FollowCopied(context, *earlier));
  MutexLock lock(mutex_);
  if (copied_from_ != of) return {};
  if (source_copies_.size() == kMostIds) source_copies_.erase(source_copies_.begin());
  source_copies_.push_back(id);
  return {};
}

Result<bool> LayeredFile::FollowCopied(const OpContext& context, const BaseVersion& gone) {
  std::vector<std::string> own;
  {
    MutexLock lock(mutex_);
    if (copied_from_ != gone) return copied_from_.has_value();
    own = source_copies_;
  }
  if (own.empty()) return false;
  ASSIGN_OR_RETURN(const auto made, services_.uploader.FindMadeBy(context, gone.key, own));
  if (!made || *made == gone) return false;
  RebaseCopied(gone, *made);
  return true;
}

Result<> LayeredFile::ReadBase(const OpContext& context, ReadAhead& read_ahead, ByteCount offset,
                               std::span<std::byte> out) {
  for (;;) {
    const auto source = copied_from();
    const auto read = services_.blocks.Read(context, BaseBlocks(), read_ahead, offset, out);
    if (read || !source || read.error().code() != ErrorCode::kStale) return read;
    ASSIGN_OR_RETURN(const bool moved, FollowCopied(context, *source));
    if (!moved) return read;
  }
}

void LayeredFile::RebaseCopied(const BaseVersion& from, const BaseVersion& to) {
  {
    MutexLock lock(mutex_);
    if (copied_from_ != from) return;
    copied_from_ = to;
    source_copies_.clear();
    // Under the lock: the file's own upload may be about to make them blocks of another version.
    if (base_blocks_) services_.blocks.Rebase(*base_blocks_, to);
    ++rebases_;
    changed_.NotifyAll();
  }
  NoteAnew();
}

}  // namespace cosfuse
