#include "cache/layered_file.h"

#include <algorithm>
#include <utility>

namespace cosfuse {

std::shared_ptr<LayeredFile> LayeredFile::Make(const FileServices& services, Start start) {
  const std::shared_ptr<LayeredFile> file(new LayeredFile(services, std::move(start)));
  services.registry.Add(file);
  return file;
}

LayeredFile::LayeredFile(const FileServices& services, Start start)
    : services_(services),
      journal_id_(services.journal == nullptr ? JournalFileId() : services.journal->NewFileId()),
      base_(std::move(start.base)),
      layers_(base_ && !start.replaces_base ? base_->size : 0),
      noted_key_(base_ ? base_->key : ObjectKey()) {
  if (!base_ || start.replaces_base) upload_.OnChange();
  if (!start.content) return;
  const ByteCount length = start.content->size();
  resident_layer_ = layers_.PrepareBaseCopy(std::nullopt);
  layers_.AddBaseCopy(*resident_layer_, {0, length});
  resident_bytes_ = std::make_shared<ResidentBytes>(*std::move(start.content), services_.blocks.Charge(length));
}

LayeredFile::~LayeredFile() {
  std::shared_ptr<EarlyUpload> early;
  {
    MutexLock lock(mutex_);
    early = early_;
  }
  if (early != nullptr) DropEarly(early);
  KeepForLater();
  {
    MutexLock lock(mutex_);
    LetOthersPassLocked();
  }
  services_.registry.Remove(this);
  if (base_blocks_) services_.blocks.Close(*base_blocks_);
  for (const BlockFileId blocks : old_blocks_) services_.blocks.Close(blocks);
}

ByteCount LayeredFile::size() const {
  MutexLock lock(mutex_);
  return layers_.size();
}

bool LayeredFile::dirty() const {
  MutexLock lock(mutex_);
  return upload_.dirty();
}

std::optional<BaseVersion> LayeredFile::base() const {
  MutexLock lock(mutex_);
  return StandingLocked();
}

bool LayeredFile::may_be_stored() const {
  MutexLock lock(mutex_);
  return base_ || answer_lost_ || upload_.in_progress();
}

bool LayeredFile::MayHaveMade(const ObjectMetadata& metadata) const {
  const auto id = metadata.user.find(std::string(kUploadIdField));
  if (id == metadata.user.end()) return false;
  MutexLock lock(mutex_);
  return std::ranges::find(earlier_ids_, id->second) != earlier_ids_.end();
}

void LayeredFile::NoteOwnCopy(const std::string& id) {
  MutexLock writing(write_mutex_);
  NoteIfJournaled(JournalUpload{journal_id_, id});
  MutexLock lock(mutex_);
  RememberIdLocked(id);
}

uint64_t LayeredFile::uploads_begun() const {
  MutexLock lock(mutex_);
  return upload_.begun();
}

std::vector<LayeredFile::Source> LayeredFile::FindBytesLocked(const std::vector<ContentSegment>& plan) const {
  std::vector<Source> sources;
  sources.reserve(plan.size());
  for (const ContentSegment& segment : plan) {
    Source source{segment, nullptr};
    if (segment.source == ContentSegment::Source::kLayer) {
      if (segment.layer == resident_layer_) {
        source.bytes = resident_bytes_;
      } else {
        source.bytes = files_.at(segment.layer);
      }
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

LayeredFile::ReadPlan LayeredFile::PlanRead(ByteCount offset, size_t length) const {
  MutexLock lock(mutex_);
  const ByteRange range = ByteRange{offset, length}.Intersect({0, layers_.size()});
  const auto segments = layers_.PlanRead(range);
  const bool parked = std::ranges::any_of(
      segments, [](const ContentSegment& segment) { return segment.source == ContentSegment::Source::kParked; });
  return {FindBytesLocked(segments), range.length, cuts_, rebases_, parked};
}

Result<size_t> LayeredFile::Read(const OpContext& context, ReadStream& stream, ByteCount offset,
                                 std::span<std::byte> out) {
  for (;;) {
    const ReadPlan plan = PlanRead(offset, out.size());
    if (plan.parked) {
      RETURN_IF_ERROR(context.CheckMayWait(services_.clock.Now()));
      RETURN_IF_ERROR(StoreParked(context));
      continue;
    }
    const auto read = ReadSources(context, stream.read_ahead, plan.sources, offset, out.first(plan.length));
    {
      MutexLock lock(mutex_);
      if (cuts_ != plan.cuts) continue;
    }
    if (read) return plan.length;
    if (read.error().code() != ErrorCode::kStale) return Fail(read.error());
    ASSIGN_OR_RETURN(const bool again, BaseHasMoved(context, plan.rebases));
    if (!again) return Fail(read.error());
  }
}

Result<> LayeredFile::ReadSources(const OpContext& context, ReadAhead& read_ahead, const std::vector<Source>& sources,
                                  ByteCount offset, std::span<std::byte> out) {
  for (const Source& source : sources) {
    const ByteRange range = source.segment.range;
    const auto part = out.subspan(range.offset - offset, range.length);
    switch (source.segment.source) {
      case ContentSegment::Source::kZero: std::fill(part.begin(), part.end(), std::byte{0}); break;
      case ContentSegment::Source::kParked:
        return Fail(ErrorCode::kStale, "bytes that are nowhere but in an unfinished upload");
      case ContentSegment::Source::kLayer: RETURN_IF_ERROR(source.bytes->Read(range.offset, part)); break;
      case ContentSegment::Source::kBase: RETURN_IF_ERROR(ReadBase(context, read_ahead, range.offset, part)); break;
    }
  }
  return {};
}

Result<> LayeredFile::ReadSnapshot(const ContentSnapshot& snapshot, ByteCount offset, std::span<std::byte> out) {
  std::vector<Source> sources;
  {
    MutexLock lock(mutex_);
    sources = FindBytesLocked(layers_.PlanSnapshot(snapshot, {offset, out.size()}));
  }
  ReadAhead unused;
  return ReadSources(OpContext::Immediate(), unused, sources, offset, out);
}

Result<bool> LayeredFile::BaseHasMoved(const OpContext& context, uint64_t rebases) {
  bool moved = false;
  RETURN_IF_ERROR(WaitUntil(context, [&] {
    mutex_.AssertHeld();
    moved = rebases_ != rebases;
    return moved || !upload_.in_progress();
  }));
  return moved;
}

BlockFileId LayeredFile::BaseBlocks() {
  MutexLock lock(mutex_);
  if (!base_blocks_) base_blocks_ = services_.blocks.Open(copied_from_ ? *copied_from_ : *base_);
  return *base_blocks_;
}

Result<std::shared_ptr<StagingFile>> LayeredFile::FileOf(LayerId layer) {
  {
    MutexLock lock(mutex_);
    const auto found = files_.find(layer);
    if (found != files_.end()) return found->second;
  }
  const std::string name = services_.journal == nullptr ? std::string() : StagingFileName(journal_id_, layer);
  ASSIGN_OR_RETURN(auto file, services_.staging.Create(name));
  MutexLock lock(mutex_);
  files_.emplace(layer, file);
  return file;
}

Result<> LayeredFile::Write(ByteCount offset, std::span<const std::byte> data) {
  MutexLock writing(write_mutex_);
  return WriteHeld(offset, data);
}

Result<ByteCount> LayeredFile::Append(std::span<const std::byte> data) {
  MutexLock writing(write_mutex_);
  const ByteCount offset = size();
  RETURN_IF_ERROR(WriteHeld(offset, data));
  return offset;
}

Result<> LayeredFile::WriteHeld(ByteCount offset, std::span<const std::byte> data) {
  if (data.empty()) return {};
  if (offset > kLargestObject || data.size() > kLargestObject - offset) {
    return Fail(ErrorCode::kTooLarge, "a write beyond the largest possible object");
  }
  const ByteRange range{offset, data.size()};
  LayerId active{};
  std::vector<ByteRange> fresh;
  {
    MutexLock lock(mutex_);
    if (TouchesParkedLocked(range)) return Fail(ErrorCode::kWouldWait, "these bytes have left");
    active = layers_.active();
    fresh = layers_.active_extents().Gaps(range);
  }
  ASSIGN_OR_RETURN(const auto file, FileOf(active));
  auto written = file->Write(offset, data, fresh);
  if (written) written = Note(JournalWrite{journal_id_, active, range});
  if (!written) {
    const bool waits = written.error().code() == ErrorCode::kNoSpace && services_.registry.MayMakeRoom();
    MutexLock lock(mutex_);
    room_wanted_ = waits;
    return waits ? Fail(ErrorCode::kWouldWait, "staging is full") : written;
  }
  bool early = false;
  bool wants_base = false;
  {
    MutexLock lock(mutex_);
    room_wanted_ = false;
    wants_base = WantsBaseLocked(range);
    layers_.Write(range);
    upload_.OnChange();
    NoteWriteLocked(range);
    early = early_ != nullptr;
  }
  if (early) SendEarlyParts(false);
  if (wants_base) services_.upload_pool.Post([self = shared_from_this()] { self->FetchBaseAside(); });
  return {};
}

Result<> LayeredFile::Truncate(ByteCount size) {
  if (size > kLargestObject) return Fail(ErrorCode::kTooLarge, "a size beyond the largest possible object");
  MutexLock writing(write_mutex_);
  std::shared_ptr<StagingFile> file;
  LayerId active{};
  {
    MutexLock lock(mutex_);
    if (size == layers_.size()) return {};
    if (size < layers_.size() && CutsParkedLocked(size)) return Fail(ErrorCode::kWouldWait, "these bytes have left");
    active = layers_.active();
  }
  RETURN_IF_ERROR(Note(JournalTruncate{journal_id_, active, size}));
  {
    MutexLock lock(mutex_);
    if (size < layers_.size()) {
      ++cuts_;
      const auto found = files_.find(layers_.active());
      if (found != files_.end()) file = found->second;
    }
    layers_.Truncate(size);
    upload_.OnChange();
    NoteTruncateLocked(size);
  }
  if (file) file->Cut(size);
  return {};
}

LayeredFile::Status LayeredFile::status() const {
  MutexLock lock(mutex_);
  Status status;
  status.dirty = upload_.dirty();
  status.uploading = upload_.in_progress();
  status.promised = promise_.has_value();
  status.stuck = status.dirty && !upload_.pending() && !retry_scheduled_ && upload_.last_error().has_value();
  status.dirty_bytes = status.dirty ? layers_.dirty_bytes() : 0;
  if (target_) status.key = EffectiveTargetLocked(*target_).key;
  status.error = upload_.last_error();
  return status;
}

}  // namespace cosfuse
