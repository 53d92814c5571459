#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/byte_range.h"
#include "base/op_context.h"
#include "cos/object_store.h"

namespace cosfuse {

/// The version of an object that a file's content stands on.
struct BaseVersion {
  ObjectKey key;
  ETag etag;
  ByteCount size = 0;
  std::string version_id{};  ///< Where it is not the current one any more, and a bucket with versions keeps it.
  friend bool operator==(const BaseVersion&, const BaseVersion&) = default;
};

/// How an upload may meet what is in the store.
enum class WriteMode {
  kOverBase,    ///< `If-Match` the base; without a base `If-None-Match: *`. The default.
  kReplaceAny,  ///< Unconditional: the program asked to replace whatever is there (write-only mounts, rename's target).
};

/// What becomes of content whose object another program has changed meanwhile.
enum class ConflictPolicy {
  kKeep,       ///< It is stored beside the object; what cannot be made whole, as an archive of changes. The default.
  kFail,       ///< It is not stored, and stays dirty.
  kOverwrite,  ///< It replaces what the other program has stored, if it is whole.
};

/// Where and with what a file's content is to be stored. A plain value, taken when a snapshot is frozen.
struct UploadTarget {
  ObjectKey key;
  ObjectMetadata metadata;
  WriteMode mode = WriteMode::kOverBase;
  /// Of kReplaceAny: the version that the name had when it was asked for, empty for none. A later process, which cannot
  /// know what has happened meanwhile, replaces only that.
  std::optional<ETag> replaced{};
  /// Who asks with an older one than somebody before gets what that one asked for. Says nothing about the object.
  uint64_t order = 0;
  friend bool operator==(const UploadTarget& a, const UploadTarget& b) {
    return a.key == b.key && a.metadata == b.metadata && a.mode == b.mode && a.replaced == b.replaced;
  }
};

/// When something is stored that was promised.
struct StoreDelay {
  Duration after_last{};   ///< After the last call for it,
  Duration after_first{};  ///< but at most so long after the first one.
  /// Not before the store has all files with bytes that were promised earlier: it says by its very presence that
  /// something is complete.
  bool after_earlier = false;
  /// Of what an earlier process has left: not by time, but when FileCache::StoreLeft comes to it.
  bool in_turn = false;
};

/// Read-ahead state of one open handle: how sequential its reads are. Owned by the handle; used by one Read at a time.
class ReadStream;
std::unique_ptr<ReadStream, void (*)(ReadStream*)> MakeReadStream();

/// The content of one file while somebody has it open (or while it has bytes that are not in the store): a pinned base
/// version in the store, and what was written here over it.
///
/// Reads see the newest bytes, local or remote, of one version only. Writes are local, into a sparse staging file. An
/// upload works on an immutable snapshot of a generation; writes that come meanwhile belong to the next one. At most
/// one upload of a file runs at a time; it runs in the pool's threads, so that a caller that gives up waiting does not
/// end it. A failed upload loses nothing: its bytes are dirty again, and the next Upload sends all of them.
///
/// Thread-safe. No lock is held over the network.
class CachedFile {
 public:
  virtual ~CachedFile() = default;

  /// Size as programs of this mount see it.
  virtual ByteCount size() const = 0;
  /// True while bytes (or the bare existence of a new file) are not in the store, an upload in progress included.
  virtual bool dirty() const = 0;
  /// What the content stands on, or replaces; after a conflict, what keeps it beside the object. Nothing for a file
  /// that is not in the store yet.
  virtual std::optional<BaseVersion> base() const = 0;
  /// False only where the store has nothing of this file for certain: no base, and no upload that is in progress or
  /// whose answer was lost.
  virtual bool may_be_stored() const = 0;
  /// True if an object with this metadata was made by an upload of this file that failed here, its answer being lost.
  virtual bool MayHaveMade(const ObjectMetadata& metadata) const = 0;
  /// A version with this id in its metadata may be the caller's own copy of the base onto itself, whose answer was
  /// lost: an upload that meets it is in no conflict.
  virtual void NoteOwnCopy(const std::string& id) = 0;
  /// How many uploads have begun so far.
  virtual uint64_t uploads_begun() const = 0;

  /// Reads up to out.size() bytes at `offset`; fewer only at the end of the file. Errors: kStale (the base version is
  /// gone and these bytes are not local), the store's, the disk's. kWouldWait where the context may not wait and the
  /// bytes are not at hand.
  virtual Result<size_t> Read(const OpContext& context, ReadStream& stream, ByteCount offset,
                              std::span<std::byte> out) = 0;

  /// Writes all of `data`; a gap beyond the end reads as zeros. Local. Errors: kNoSpace, kTooLarge (beyond 10 TB);
  /// kWouldWait: only after PrepareWrite. Size and content are then as before.
  virtual Result<> Write(ByteCount offset, std::span<const std::byte> data) = 0;
  /// Appends atomically and returns the offset where the data begins.
  virtual Result<ByteCount> Append(std::span<const std::byte> data) = 0;
  /// Cuts or extends with zeros. Local. Errors: kTooLarge; kWouldWait: only after PrepareWrite from `size` on.
  virtual Result<> Truncate(ByteCount size) = 0;
  /// Waits until a write of `range`, refused with kWouldWait, is worth another try: staging is full of bytes that are
  /// on their way to the store, or the place to be written is there only. Errors: kNoSpace: nothing is on its way;
  /// the context's; those of Upload.
  virtual Result<> PrepareWrite(const OpContext& context, ByteRange range) = 0;

  /// So much was written in sequence that full parts could leave before the file is closed: StoreEarly lets them, once
  /// it is known where to. They are no object until Upload; one with another key or mode does not use them.
  virtual bool CanStoreEarly() const = 0;
  virtual void StoreEarly(const UploadTarget& target) = 0;
  /// The metadata of the version that the last upload made, where it was fixed before that upload was asked for.
  virtual std::optional<ObjectMetadata> early_metadata() const = 0;
  /// The file is to be stored under another name: parts that have left for the present one are given up, and leave
  /// again. False where some bytes are on no disk, only in such parts: then an Upload has to come first. Local.
  virtual bool GiveUpEarly() = 0;

  /// Makes `range` read as zeros, and gives back the disk that it took here. What of it lies beyond the end extends the
  /// file if `extend`, else it means nothing. Local. True if the file is another one now. Errors: kTooLarge;
  /// kWouldWait: only after PrepareWrite.
  virtual Result<bool> Zero(ByteRange range, bool extend) = 0;
  /// Makes sure that what `range` lacks could be written now, and extends the file over it if `extend`. Local; reserves
  /// nothing and writes nothing. True if the size has changed. Errors: kNoSpace, kTooLarge: nothing has changed.
  virtual Result<bool> Allocate(ByteRange range, bool extend) = 0;
  /// The first byte at or after `offset` that is not in a hole; nothing where there is none. Local.
  virtual std::optional<ByteCount> FindData(ByteCount offset) const = 0;
  /// The first byte at or after `offset` that is in a hole; there is one at the end of the file. Nothing where `offset`
  /// is not before the end. Local.
  virtual std::optional<ByteCount> FindHole(ByteCount offset) const = 0;

  /// The version whose bytes these are, all of them and for now; nothing where they are not just one version's.
  virtual std::optional<BaseVersion> copyable_version() const = 0;
  /// Takes over, without a request, up to `length` bytes at `from` of the copyable version of another file as its own
  /// at `to`: they are read from there from now on, and the next upload has the store copy them, pinned to that
  /// version. Says how many; nothing where they have to be read and written (DecideRangeCopy). When others replace or
  /// remove that version first, what is not local of it is lost to this file: reads and uploads say kStale. Local.
  virtual std::optional<ByteCount> CopyFrom(const std::optional<BaseVersion>& source, ByteCount from, ByteCount to,
                                            ByteCount length) = 0;
  /// The version that bytes were taken over from, until the file is stored.
  virtual std::optional<BaseVersion> copied_from() const = 0;

  /// Returns when everything written before the call is in the store under `target` (at once when nothing is dirty).
  /// Joins an upload in progress if that covers it and has the same target. Errors: those of the store; kStale after a
  /// conflict that moved the bytes to a sibling object or an archive of changes (the base is then that, later uploads
  /// go there, and say kStale again until Rebase); kCancelled when the caller gave up: the upload goes on.
  virtual Result<> Upload(const OpContext& context, const UploadTarget& target) = 0;
  /// Everything written before the call is safe when it returns: bytes, and where they are to go, are synced to the
  /// local disk. From then on they are stored by this process or by a later one of the same cache directory, whatever
  /// happens to either (with FileCacheOptions::promise_sync_delay: to the node after that time); StartUpload or
  /// StoreSoon is still the caller's to call. Blocks on the disk. Errors: kUnsupported: it cannot be promised (there is
  /// no journal; some bytes are on no disk; a conflict has moved them), so an Upload has to come instead; the disk's.
  virtual Result<> Promise(const UploadTarget& target) = 0;
  /// A StartUpload that comes by itself a little later: what happens to the file until then is one upload.
  virtual void StoreSoon(const UploadTarget& target, const StoreDelay& delay) = 0;
  /// StoreSoon was called, and no upload has begun since.
  virtual bool stored_soon() const = 0;
  /// And nothing has been written since that it does not cover.
  virtual bool stored_soon_as_it_is() const = 0;
  /// A Promise is not kept yet, and nothing has been written since: its upload is due, under way, or has failed.
  virtual bool promised_as_it_is() const = 0;
  /// An upload is under way: it carries what was handed over before.
  virtual bool uploading() const = 0;
  /// What was to be stored soon is the caller's to start again. False: nothing was, or its upload has begun.
  virtual bool TakeBack() = 0;
  /// As Upload, without waiting; a failure is logged and counted, the bytes stay dirty, and it is tried again with
  /// back-off where time may mend it. From the first upload on, the cache keeps a file alive while it is dirty.
  virtual void StartUpload(const UploadTarget& target) = 0;
  /// Returns when no upload of this file is in progress or about to begin.
  virtual Result<> WaitForUpload(const OpContext& context) = 0;

  /// The same bytes have become another version (own change of metadata, own rename). Not while an upload is in
  /// progress. After a copy to another key, call it before the old one is deleted: reads go on under the new one.
  virtual void Rebase(const BaseVersion& version) = 0;
  /// Where the file is meant to go: a new one before it is first stored, one that was renamed. It is by this name that
  /// a later process offers what this one could not store.
  virtual void NoteKey(const ObjectKey& key) = 0;
  /// Marks a file as not wanted in the store any more, and stops what is not sent yet: it was unlinked. Reads and
  /// writes go on, it is never dirty, Upload succeeds without doing anything. What an upload in progress may still
  /// create is removed by the caller after WaitForUpload. A file with a base needs MakeLocal before its object goes.
  virtual void Discard() = 0;
  /// Makes every byte local, before the base is deleted. Errors: as Read; kNoSpace.
  virtual Result<> MakeLocal(const OpContext& context) = 0;
};

enum class JournalFileId : uint64_t;
struct JournaledFile;

/// Counters for status and tests.
struct CacheStatistics {
  ByteCount dirty_bytes = 0;
  size_t waiting_files = 0;  ///< Dirty, and about to be stored,
  Duration oldest{};         ///< the first of them for so long.
  size_t uploads_in_progress = 0;
  uint64_t conflicts = 0;
  uint64_t failed_uploads = 0;
};

/// All files' contents under one set of budgets. Thread-safe.
class FileCache {
 public:
  virtual ~FileCache() = default;

  /// The content of an object as it is in the store.
  virtual std::shared_ptr<CachedFile> OpenBase(const BaseVersion& base) = 0;
  /// As OpenBase where the caller already has the bytes (the whole small object).
  virtual std::shared_ptr<CachedFile> OpenWithContent(const BaseVersion& base, std::string content) = 0;
  /// A new, empty, dirty file without base; or, with `replaced`, one whose first upload replaces that version
  /// (O_TRUNC): its base for conditions, none of its bytes.
  virtual std::shared_ptr<CachedFile> Create(const std::optional<BaseVersion>& replaced) = 0;

  /// A file that an earlier process left (recovery.h), with its changes: dirty, and about to go to the state's target.
  /// It needs memory, no descriptor. Without a journal of its own the cache leaves the file's bytes on the disk as they
  /// are. Errors: kNotFound (bytes of it are gone), the disk's: it stays in the journal for a later process.
  virtual Result<std::shared_ptr<CachedFile>> Restore(JournalFileId id, const JournaledFile& state) = 0;
  /// Begins to store the restored files that StoreSoon was called for, in that order, those last that wait for others;
  /// some at a time, so that what programs close meanwhile finds threads. Does not wait. Each call begins those that
  /// were restored since the one before.
  virtual void StoreLeft() = 0;

  /// The versions that contents have taken bytes over from (CopyFrom) and are not stored without yet.
  virtual std::vector<BaseVersion> copied_versions() const = 0;
  /// Before the object goes or gets other bytes by this mount: what was taken over from it is made local. Blocks on the
  /// network. Errors: as MakeLocal.
  virtual Result<> KeepCopied(const OpContext& context, const ObjectKey& key) = 0;
  /// This mount is about to copy version `of` onto itself, marked with `id`, and may never hear that it has: what was
  /// taken over from it follows there by itself where it is gone. Blocks on the network where that has happened before
  /// and is not found out yet. Also that earlier versions were stored survives the node then. Errors: the store's, the
  /// disk's.
  virtual Result<> ExpectOwnCopy(const OpContext& context, const BaseVersion& of, const std::string& id) = 0;
  /// This mount has made version `to` of the bytes of `from`, which is about to go or gone: what was taken over from
  /// that is read and copied from there.
  virtual void RebaseCopied(const BaseVersion& from, const BaseVersion& to) = 0;

  /// Returns when the store has all files with bytes that were promised before the call: what is about to be removed,
  /// or says by its very presence that something is complete, must not get there earlier. Files that the store has
  /// refused again and again are left out. Also that they were stored survives the node then. Errors: the context's,
  /// the disk's.
  Result<> StoreEarlier(const OpContext& context) { return StoreEarlier(context, promised()); }
  /// The same as if it had been called when `promised` said so.
  virtual Result<> StoreEarlier(const OpContext& context, uint64_t promised) = 0;
  /// A moment in the order of promises: now.
  virtual uint64_t promised() const = 0;

  /// How long a close waits before it promises its file, because of those that wait to be stored already. Nothing:
  /// there is no room for another one (WaitForRoom).
  virtual std::optional<Duration> PromiseDelay() const = 0;
  /// Returns when another file may wait to be stored. Errors: the context's: kTimedOut after its patience.
  virtual Result<> WaitForRoom(const OpContext& context) = 0;

  /// Aborts uploads in parts (id to key) that an earlier process has left, as soon as the store lets it. Does not wait.
  virtual void AbortUploads(const std::map<std::string, ObjectKey>& uploads) = 0;

  virtual CacheStatistics statistics() const = 0;
  /// The keys of dirty files, as far as an upload has named them yet: what a shutdown that ran out of time leaves.
  virtual std::vector<ObjectKey> dirty_keys() const { return {}; }
  /// Starts an upload of everything dirty whose last target is known, and returns when nothing is dirty or in progress.
  /// Errors: kTimedOut, kCancelled: some bytes are not in the store; statistics() says how many. The error of an upload
  /// when only such ones are left that time cannot mend.
  virtual Result<> Drain(const OpContext& context) = 0;
};

}  // namespace cosfuse
