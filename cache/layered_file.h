#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/thread_pool.h"
#include "cache/block_cache.h"
#include "cache/cached_file.h"
#include "cache/content_layers.h"
#include "cache/early_upload.h"
#include "cache/file_registry.h"
#include "cache/journal.h"
#include "cache/promise_sync.h"
#include "cache/retry_timer.h"
#include "cache/staging.h"
#include "cache/upload_state.h"
#include "cache/uploader.h"

namespace cosfuse {

/// What all files of one cache share. Borrowed; outlives them.
struct FileServices {
  Clock& clock;
  Random& random;
  BlockCache& blocks;
  StagingArea& staging;
  Uploader& uploader;
  FileRegistry& registry;
  RetryTimer& timer;
  ThreadPool& upload_pool;
  Journal* journal;  ///< Null: nothing is written down.
  PromiseSync& promise_sync;
  Duration io_timeout;
  ByteCount conflict_base;   ///< FileCacheOptions::conflict_base.
  const Cancellation& stop;  ///< The cache ends: no upload begins any more.
};

/// The CachedFile: ContentLayers say where its bytes are, UploadState where its upload stands; this class does what
/// they say. Layers that were written here lie in staging files, the base in the block cache.
///
/// Writers hold write_mutex_ over the write of the local file, so that a freeze never cuts a write in two; mutex_
/// guards the bookkeeping and is never held over any input or output. Readers take their plan under mutex_ and read
/// without it: frozen layers never change, and a plan that a truncation or a hole has overtaken is made anew.
class LayeredFile final : public CachedFile, public std::enable_shared_from_this<LayeredFile> {
 public:
  /// How a file begins.
  struct Start {
    std::optional<BaseVersion> base;
    bool replaces_base = false;          ///< Of the base only the version counts: the file is new, empty and dirty.
    std::optional<std::string> content;  ///< All bytes of the base, which stay with the file.
  };
  /// How one goes on that an earlier process has left in a journal.
  struct Left {
    JournalFileId id{};
    JournaledFile state;
    std::map<LayerId, std::shared_ptr<StagingFile>> files;  ///< Of its layers that hold bytes.
  };
  static std::shared_ptr<LayeredFile> Make(const FileServices& services, Start start);
  static std::shared_ptr<LayeredFile> Restore(const FileServices& services, Left left);
  ~LayeredFile() override;
  LayeredFile(const LayeredFile&) = delete;
  LayeredFile& operator=(const LayeredFile&) = delete;

  ByteCount size() const override EXCLUDES(mutex_);
  bool dirty() const override EXCLUDES(mutex_);
  std::optional<BaseVersion> base() const override EXCLUDES(mutex_);
  bool may_be_stored() const override EXCLUDES(mutex_);
  bool MayHaveMade(const ObjectMetadata& metadata) const override EXCLUDES(mutex_);
  void NoteOwnCopy(const std::string& id) override EXCLUDES(write_mutex_, mutex_);
  uint64_t uploads_begun() const override EXCLUDES(mutex_);

  Result<size_t> Read(const OpContext& context, ReadStream& stream, ByteCount offset, std::span<std::byte> out) override
      EXCLUDES(write_mutex_, mutex_);
  Result<> Write(ByteCount offset, std::span<const std::byte> data) override EXCLUDES(write_mutex_, mutex_);
  Result<ByteCount> Append(std::span<const std::byte> data) override EXCLUDES(write_mutex_, mutex_);
  Result<> Truncate(ByteCount size) override EXCLUDES(write_mutex_, mutex_);
  Result<> PrepareWrite(const OpContext& context, ByteRange range) override EXCLUDES(write_mutex_, mutex_);
  bool CanStoreEarly() const override EXCLUDES(mutex_);
  void StoreEarly(const UploadTarget& target) override EXCLUDES(mutex_);
  std::optional<ObjectMetadata> early_metadata() const override EXCLUDES(mutex_);
  bool GiveUpEarly() override EXCLUDES(mutex_);

  // layered_file_space.cc
  Result<bool> Zero(ByteRange range, bool extend) override EXCLUDES(write_mutex_, mutex_);
  Result<bool> Allocate(ByteRange range, bool extend) override EXCLUDES(write_mutex_, mutex_);
  std::optional<ByteCount> FindData(ByteCount offset) const override EXCLUDES(mutex_);
  std::optional<ByteCount> FindHole(ByteCount offset) const override EXCLUDES(mutex_);

  // layered_file_copy.cc
  std::optional<BaseVersion> copyable_version() const override EXCLUDES(mutex_);
  std::optional<ByteCount> CopyFrom(const std::optional<BaseVersion>& source, ByteCount from, ByteCount to,
                                    ByteCount length) override EXCLUDES(write_mutex_, mutex_);
  std::optional<BaseVersion> copied_from() const override EXCLUDES(mutex_);
  /// Makes local what was taken over from that object, if anything was. Errors: as MakeLocal.
  Result<> KeepCopied(const OpContext& context, const ObjectKey& key) EXCLUDES(write_mutex_, mutex_);
  /// FileCache::ExpectOwnCopy, for this file.
  Result<> ExpectOwnCopy(const OpContext& context, const BaseVersion& of, const std::string& id)
      EXCLUDES(write_mutex_, mutex_);
  /// What was taken over from one version is read from the other one, which has the same bytes.
  void RebaseCopied(const BaseVersion& from, const BaseVersion& to) EXCLUDES(write_mutex_, mutex_);

  Result<> Upload(const OpContext& context, const UploadTarget& target) override EXCLUDES(mutex_);
  void StartUpload(const UploadTarget& target) override EXCLUDES(mutex_);
  Result<> WaitForUpload(const OpContext& context) override EXCLUDES(mutex_);
  Result<> Promise(const UploadTarget& target) override EXCLUDES(write_mutex_, mutex_);
  void StoreSoon(const UploadTarget& target, const StoreDelay& delay) override EXCLUDES(mutex_);
  bool stored_soon() const override EXCLUDES(mutex_);
  bool stored_soon_as_it_is() const override EXCLUDES(mutex_);
  bool promised_as_it_is() const override EXCLUDES(mutex_);
  bool uploading() const override EXCLUDES(mutex_);
  bool TakeBack() override EXCLUDES(mutex_);
  /// Begins at once what was to be stored soon.
  void StoreNow() EXCLUDES(mutex_);
  /// It is to be stored soon, but not while a promise before that place is left (StoreDelay::after_earlier).
  std::optional<uint64_t> waits_for() const EXCLUDES(mutex_);
  /// It was left by an earlier process, and StoreLeft has not come to it.
  bool waits_for_its_turn() const EXCLUDES(mutex_);
  void Rebase(const BaseVersion& version) override EXCLUDES(write_mutex_, mutex_);
  void NoteKey(const ObjectKey& key) override EXCLUDES(write_mutex_, mutex_);
  void Discard() override EXCLUDES(write_mutex_, mutex_);
  Result<> MakeLocal(const OpContext& context) override EXCLUDES(write_mutex_, mutex_);

  /// Gives back the disk that holds clean bytes, where they can be had from the store again. False: there was none.
  bool DropClean() EXCLUDES(mutex_);
  /// Starts an upload to the last target, if one is known and something is dirty.
  void ResumeUpload() EXCLUDES(mutex_);
  /// Ends an upload in progress; its bytes stay dirty.
  void CancelUpload() EXCLUDES(mutex_);

  /// Has more parts leave early. False: there was none to begin with.
  bool SendEarlyParts(bool space_is_short) EXCLUDES(mutex_);
  /// Gives back the disk of parts that have left early. False: there was none.
  bool ParkSent() EXCLUDES(write_mutex_, mutex_);
  /// Bytes are on their way to the store: disk may be given back when they have arrived.
  bool leaving() const EXCLUDES(mutex_);
  /// Parts of it have left, or may.
  bool leaves_early() const EXCLUDES(mutex_);

  struct Status {
    bool dirty = false;
    bool uploading = false;
    bool promised = false;  ///< A program was told that it is safe.
    /// Dirty, and nothing will be tried without being asked to.
    bool stuck = false;
    ByteCount dirty_bytes = 0;
    std::optional<ObjectKey> key;  ///< Of the last target.
    std::optional<Error> error;    ///< Of the last upload.
  };
  Status status() const EXCLUDES(mutex_);

 private:
  class FrozenContent;
  class EarlyContent;

  /// What is let go of when the lock is.
  struct Garbage {
    std::vector<std::shared_ptr<StagingFile>> files;
    std::shared_ptr<const ResidentBytes> body;
  };
  /// A stretch of bytes and what holds it.
  struct Source {
    ContentSegment segment;
    std::shared_ptr<const LayerBytes> bytes;  // Of a layer.
  };
  struct ReadPlan {
    std::vector<Source> sources;
    size_t length = 0;
    uint64_t cuts = 0;
    uint64_t rebases = 0;
    bool parked = false;  // Some bytes must be stored before they can be read.
  };

  /// A moment of the file of which a program was told that it is safe. The upload that is made for it sends that
  /// moment, whatever has been written since.
  struct Promised {
    Generation generation = 0;
    ContentSnapshot snapshot;         ///< As the journal knows it. On clean layers alone: only the target is new.
    std::string upload_id;            ///< For the first attempt to send it: the journal knows it for certain.
    std::optional<uint64_t> place{};  ///< In the registry, of one with bytes.
  };

  LayeredFile(const FileServices& services, Start start);
  LayeredFile(const FileServices& services, Left left);

  /// Waits until `condition` holds, which is asked with mutex_ held. Errors: the context's.
  template <typename Condition>
  Result<> WaitUntil(const OpContext& context, const Condition& condition) EXCLUDES(mutex_);

  // layered_file.cc
  std::vector<Source> FindBytesLocked(const std::vector<ContentSegment>& plan) const REQUIRES(mutex_);
  ReadPlan PlanRead(ByteCount offset, size_t length) const EXCLUDES(mutex_);
  Result<> ReadSources(const OpContext& context, ReadAhead& read_ahead, const std::vector<Source>& sources,
                       ByteCount offset, std::span<std::byte> out);
  /// Whether a read that met kStale should be made again: an own upload has changed the base meanwhile. Waits for one
  /// in progress, which may just have done so.
  Result<bool> BaseHasMoved(const OpContext& context, uint64_t rebases) EXCLUDES(mutex_);
  Result<> ReadSnapshot(const ContentSnapshot& snapshot, ByteCount offset, std::span<std::byte> out) EXCLUDES(mutex_);
  Result<> WriteHeld(ByteCount offset, std::span<const std::byte> data) REQUIRES(write_mutex_) EXCLUDES(mutex_);
  Result<std::shared_ptr<StagingFile>> FileOf(LayerId layer) REQUIRES(write_mutex_) EXCLUDES(mutex_);
  BlockFileId BaseBlocks() EXCLUDES(mutex_);

  // layered_file_copy.cc
  /// A version that bytes were taken over from is gone. True: they are in another one by now, which this mount has
  /// made. Errors: the store's, that time may mend.
  Result<bool> FollowCopied(const OpContext& context, const BaseVersion& gone) EXCLUDES(write_mutex_, mutex_);
  /// Reads bytes of the base, wherever those are. Errors: BlockCache::Read's.
  Result<> ReadBase(const OpContext& context, ReadAhead& read_ahead, ByteCount offset, std::span<std::byte> out)
      EXCLUDES(write_mutex_, mutex_);

  // layered_file_local.cc
  /// Where bytes are, as long as no upload has made another version of them.
  struct BasePlan {
    std::vector<ContentSegment> segments;
    uint64_t commits = 0;
  };
  bool IsOvertaken(const BasePlan& plan) const EXCLUDES(mutex_);
  /// Fetches what is missing of the plan's base bytes into a layer of its own. False: it has been overtaken.
  Result<bool> FetchBase(const OpContext& context, const BasePlan& plan) EXCLUDES(write_mutex_, mutex_);
  Result<bool> StoreBaseCopy(const BasePlan& plan, ByteCount offset, std::span<const std::byte> data)
      EXCLUDES(write_mutex_, mutex_);
  /// Fetches all that is in the base alone, and sets `keep`: it stays local from then on. Bytes that are parked are
  /// stored first for keep_local_, and left where they are else. Errors: as MakeLocal.
  Result<> FetchMissing(const OpContext& context, bool LayeredFile::* keep) EXCLUDES(write_mutex_, mutex_);
  /// Has a small base fetched, once: `range` is about to be changed, and a conflict would need the rest.
  bool WantsBaseLocked(ByteRange range) REQUIRES(mutex_);
  void FetchBaseAside() EXCLUDES(write_mutex_, mutex_);
  /// Makes few layers of many. Called between uploads by the thread that runs them.
  void MergeLayers() EXCLUDES(write_mutex_, mutex_);
  Result<> CopyLayer(const ContentLayers::Merge& merge, bool sync) EXCLUDES(write_mutex_, mutex_);
  /// The snapshot is the base now. Nobody may be writing a base copy.
  void CommitLocked(const ContentSnapshot& snapshot, Garbage& gone) REQUIRES(write_mutex_, mutex_);
  void ForgetFilesLocked(const std::vector<LayerId>& layers, Garbage& gone) REQUIRES(mutex_);

  // layered_file_upload.cc
  /// The last target is this one, unless a later one was.
  void TakeTargetLocked(const UploadTarget& target) REQUIRES(mutex_);
  UploadTarget EffectiveTargetLocked(const UploadTarget& target) const REQUIRES(mutex_);
  Result<> WaitForAnswer(const OpContext& context, const UploadTicket& ticket) EXCLUDES(mutex_);
  /// Has the pool begin the upload that is asked for, unless it is at one.
  void BeginUpload() EXCLUDES(mutex_);
  void RunUpload() EXCLUDES(write_mutex_, mutex_);
  /// Before an upload replaces that object: fetches what other files have taken over from it. Errors: as KeepCopied.
  Result<> KeepCopiesOf(const OpContext& context, const ObjectKey& key);
  /// `job` is in the end what the last request was.
  Result<UploadOutcome> SendSnapshot(const OpContext& context, const ContentSnapshot& snapshot, UploadJob& job)
      EXCLUDES(write_mutex_, mutex_);
  void UploadSucceeded(const ContentSnapshot& snapshot, const UploadOutcome& outcome, const ObjectKey& wanted_key)
      EXCLUDES(write_mutex_, mutex_);
  void UploadFailed(const Error& error, const UploadJob& job) EXCLUDES(mutex_);
  void RememberIdLocked(const std::string& id) REQUIRES(mutex_);
  void RetryUpload() EXCLUDES(mutex_);
  /// The base is that version now; its bytes are those that layers and old base made. Not `whole`: bytes that were
  /// taken over from another object stay there.
  void SetBase(const BaseVersion& version, bool whole) EXCLUDES(mutex_);
  /// What keeps the bytes that have lost a conflict; the base where none has.
  const std::optional<BaseVersion>& StandingLocked() const REQUIRES(mutex_) { return archive_ ? archive_ : base_; }

  // layered_file_journal.cc
  JournaledFile DescribeLocked() const REQUIRES(mutex_);
  /// Writes the change down that is about to be made: then it survives this process. The first one takes along what
  /// the file was before. Errors: the disk's; the change must not be made then.
  Result<> Note(const JournalRecord& change) REQUIRES(write_mutex_) EXCLUDES(mutex_);
  /// Writes down what the file is, and the change that is about to be made, if any.
  Result<> EnterJournal(std::optional<JournalRecord> change) REQUIRES(write_mutex_) EXCLUDES(mutex_);
  /// As Note for what need not survive, where the journal knows the file: a failure is logged.
  void NoteIfJournaled(const JournalRecord& change) REQUIRES(write_mutex_) EXCLUDES(mutex_);
  /// Writes everything down anew, after a change that no record tells of.
  void NoteAnew() EXCLUDES(write_mutex_, mutex_);
  void NoteAnewHeld() REQUIRES(write_mutex_) EXCLUDES(mutex_);
  /// Layers with bytes that are not known to be synced, from the snapshot's top down.
  std::vector<std::pair<LayerId, std::shared_ptr<StagingFile>>> UnsyncedLayersLocked(
      const ContentSnapshot& snapshot) const REQUIRES(mutex_);
  /// Has their bytes on stable storage as soon as the journal is synced: few of them go into that.
  Result<std::vector<JournalRecord>> SecureLayers(
      const std::vector<std::pair<LayerId, std::shared_ptr<StagingFile>>>& layers) EXCLUDES(mutex_);
  /// No merge is in progress, and none begins.
  Result<> PromiseFrozen(const UploadTarget& target) EXCLUDES(write_mutex_, mutex_);
  void StoreWhenDue() EXCLUDES(mutex_);
  void EndPromiseLocked() REQUIRES(mutex_);
  /// What must not get to the store before this does not wait for it any longer.
  void LetOthersPassLocked() REQUIRES(mutex_);
  /// The place in the order of promises before which all others come that have been made so far.
  uint64_t TakeLastPlaceLocked() REQUIRES(mutex_);
  /// The layers are below what was promised: what becomes of them has to survive the node.
  bool IsPromised(const ContentLayers::Merge& merge) const EXCLUDES(mutex_);
  /// The file goes: what the journal knows of it stays on disk.
  void KeepForLater() EXCLUDES(write_mutex_, mutex_);
  /// The store has the snapshot: written down before anybody is told.
  void NoteStored(const ContentSnapshot& snapshot, const UploadOutcome& outcome) REQUIRES(write_mutex_)
      EXCLUDES(mutex_);
  /// What there was is in the store, or not wanted any more.
  void NoteGone() REQUIRES(write_mutex_) EXCLUDES(mutex_);

  // layered_file_early.cc
  void NoteWriteLocked(ByteRange range) REQUIRES(mutex_);
  /// Parts may leave from now on, where the bytes around that offset are many enough.
  void ConsiderEarlyLocked(ByteCount offset) REQUIRES(mutex_);
  void NoteTruncateLocked(ByteCount size) REQUIRES(mutex_);
  void NoteZeroLocked(ByteRange range) REQUIRES(mutex_);
  void BeginEarly(const std::shared_ptr<EarlyUpload>& early) EXCLUDES(mutex_);
  void SendEarlyPart(const std::shared_ptr<EarlyUpload>& early, const EarlyPart& part) EXCLUDES(mutex_);
  /// No more parts leave; from here on an attempt owns what has left.
  std::shared_ptr<EarlyUpload> SealEarlyLocked() REQUIRES(mutex_);
  /// What the attempt goes on with, as soon as nothing of it is on its way; null where it must begin anew.
  std::shared_ptr<BegunUpload> TakeEarly(const OpContext& context, EarlyUpload& early, const ContentSnapshot& snapshot,
                                         const UploadTarget& target) EXCLUDES(mutex_);
  /// The attempt has ended: keeps what the next one can go on with, and aborts what nobody wants. `early`: null where
  /// there was none.
  void ReturnEarly(const std::shared_ptr<EarlyUpload>& early, const BegunUpload* begun, const ContentSnapshot& snapshot,
                   const Result<UploadOutcome>& outcome) EXCLUDES(mutex_);
  /// An attempt that went on with an early upload has failed, but was carried out after all: the top layer of what it
  /// stored, if some of that has no other copy.
  std::optional<LayerId> CompletedEarly(const UploadOutcome& outcome) const EXCLUDES(mutex_);
  /// That is the base now, parked bytes included.
  void CommitEarly(LayerId top, ByteCount size) EXCLUDES(write_mutex_, mutex_);
  void DropEarly(const std::shared_ptr<EarlyUpload>& early) EXCLUDES(mutex_);
  bool TouchesParkedLocked(ByteRange range) const REQUIRES(mutex_);
  bool CutsParkedLocked(ByteCount size) const REQUIRES(mutex_);
  /// Stores the file as it is: bytes that are in parts only become readable.
  Result<> StoreParked(const OpContext& context) EXCLUDES(mutex_);

  const FileServices services_;
  const JournalFileId journal_id_;

  Mutex write_mutex_ ACQUIRED_BEFORE(mutex_);
  bool journaled_ GUARDED_BY(write_mutex_) = false;  // The journal knows the file.

  mutable Mutex mutex_;
  CondVar changed_;  // The upload, the base, a merge: for everybody who waits.
  std::optional<BaseVersion> base_ GUARDED_BY(mutex_);
  bool base_is_own_ GUARDED_BY(mutex_) = false;  // An upload of this file has made it.
  /// The base's bytes are the first ones of this version of another object, and of base_ only the version counts.
  std::optional<BaseVersion> copied_from_ GUARDED_BY(mutex_);
  /// Ids of this mount's copies of that version onto itself, any of which may be what is there now.
  std::vector<std::string> source_copies_ GUARDED_BY(mutex_);
  std::optional<BlockFileId> base_blocks_ GUARDED_BY(mutex_);
  std::vector<BlockFileId> old_blocks_ GUARDED_BY(mutex_);  // Of earlier bases that reads may still be at.
  ContentLayers layers_ GUARDED_BY(mutex_);
  std::map<LayerId, std::shared_ptr<StagingFile>> files_ GUARDED_BY(mutex_);
  std::optional<LayerId> resident_layer_ GUARDED_BY(mutex_);
  std::shared_ptr<const ResidentBytes> resident_bytes_ GUARDED_BY(mutex_);
  uint64_t cuts_ GUARDED_BY(mutex_) = 0;     // Truncations and holes that made plans wrong.
  uint64_t rebases_ GUARDED_BY(mutex_) = 0;  // Changes of the base.
  bool merging_ GUARDED_BY(mutex_) = false;
  bool room_wanted_ GUARDED_BY(mutex_) = false;  // The last write was refused for want of room.
  int localizing_ GUARDED_BY(mutex_) = 0;        // Calls of MakeLocal in progress.
  bool keep_local_ GUARDED_BY(mutex_) = false;   // MakeLocal has succeeded: the base may be gone.
  bool keep_copied_ GUARDED_BY(mutex_) = false;  // KeepCopied has: the version that it is a copy of may be gone.
  uint64_t commits_ GUARDED_BY(mutex_) = 0;      // Times that layers became the base.
  bool base_asked_ GUARDED_BY(mutex_) = false;   // FetchBaseAside was.
  const std::shared_ptr<Cancellation> base_cancellation_ = std::make_shared<Cancellation>();

  std::optional<Promised> promise_ GUARDED_BY(mutex_);   // The newest one that is not stored.
  std::set<LayerId> synced_layers_ GUARDED_BY(mutex_);   // Immutable ones whose bytes survive the node.
  std::optional<MonotonicTime> due_ GUARDED_BY(mutex_);  // StoreSoon has been called; when the upload begins (the last
                                                         // of times: in its turn),
  MonotonicTime due_at_most_ GUARDED_BY(mutex_);         // and when at the latest.
  bool due_scheduled_ GUARDED_BY(mutex_) = false;
  std::optional<uint64_t> due_after_ GUARDED_BY(mutex_);  // No promise before that place may be left.

  UploadState upload_ GUARDED_BY(mutex_);
  ObjectKey noted_key_ GUARDED_BY(mutex_);                         // Where it is meant to go, before any request.
  std::optional<UploadTarget> target_ GUARDED_BY(mutex_);          // Of the last request.
  std::optional<UploadTarget> current_target_ GUARDED_BY(mutex_);  // Of the upload in progress.
  std::shared_ptr<EarlyUpload> early_ GUARDED_BY(mutex_);
  std::optional<ObjectMetadata> early_metadata_ GUARDED_BY(mutex_);
  std::shared_ptr<Cancellation> upload_cancellation_ GUARDED_BY(mutex_);
  // Of failed uploads, and of copies whose answer was lost, since the last stored one.
  std::vector<std::string> earlier_ids_ GUARDED_BY(mutex_);
  std::vector<std::string> present_ids_ GUARDED_BY(mutex_);  // Of the upload in progress.
  bool answer_lost_ GUARDED_BY(mutex_) = false;              // One of those may have been carried out.
  bool posted_ GUARDED_BY(mutex_) = false;                   // The pool has a task for this file, or runs one.
  bool retry_scheduled_ GUARDED_BY(mutex_) = false;
  // A conflict has moved the bytes: the base is the sibling, or
  bool on_sibling_ GUARDED_BY(mutex_) = false;
  std::optional<BaseVersion> archive_ GUARDED_BY(mutex_);  // there is this archive of them, and the base may be gone.
  int failures_ GUARDED_BY(mutex_) = 0;                    // In a row,
  int refusals_ GUARDED_BY(mutex_) = 0;                    // and how many of them, at last, were refusals.
};

template <typename Condition>
Result<> LayeredFile::WaitUntil(const OpContext& context, const Condition& condition) {
  const auto wake = context.OnCancel([this] {
    MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
  MutexLock lock(mutex_);
  while (!condition()) {
    RETURN_IF_ERROR(context.CheckMayWait(services_.clock.Now()));
    changed_.WaitUntil(mutex_, context.deadline());
  }
  return {};
}

}  // namespace cosfuse
