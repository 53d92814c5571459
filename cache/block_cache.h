#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/op_context.h"
#include "base/thread_pool.h"
#include "cache/block_table.h"
#include "cache/cached_file.h"
#include "cache/read_ahead.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Reads ranges of objects through a memory of clean blocks, each pinned to one version of its object.
///
/// One GET fetches many blocks and publishes bytes as they arrive, so that a small read never waits for a large GET.
/// Fetches run on threads of their own: a reader that gives up ends only a fetch that was made for it and that nobody
/// else waits for. Where all memory is being filled, a read fetches straight into its own buffer.
///
/// Thread-safe. No lock is held over the network.
class BlockCache {
 public:
  struct Options {
    ByteCount memory_budget = 96 * kMiB;
    size_t threads = 64;
    ReadAheadLimits read_ahead;
  };

  BlockCache(const Options& options, ObjectStore& store, Clock& clock);
  /// All files must be closed.
  ~BlockCache() = default;
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  BlockFileId Open(const BaseVersion& version) EXCLUDES(mutex_);
  /// Forgets the file and ends its fetches. No Read of it may be in progress.
  void Close(BlockFileId id) EXCLUDES(mutex_);

  /// The same bytes are now that version: blocks are kept.
  void Rebase(BlockFileId id, const BaseVersion& version) EXCLUDES(mutex_);
  /// The file now has other bytes: blocks are dropped, and reads that wait go on with the new version.
  void Replace(BlockFileId id, const BaseVersion& version) EXCLUDES(mutex_);

  /// Fills all of `out` from `offset`, and starts what `read_ahead` finds useful. Errors: kStale (the version is gone;
  /// all its blocks are dropped), kInvalidArgument (beyond the end of the version), kWouldWait (not all bytes are at
  /// hand: nothing has changed), the context's, the store's. A failure is never bytes: not zeros, not fewer.
  Result<> Read(const OpContext& context, BlockFileId id, ReadAhead& read_ahead, ByteCount offset,
                std::span<std::byte> out) EXCLUDES(mutex_);

  /// Counts bytes that live outside of blocks against the budget, until the last copy of the result goes.
  std::shared_ptr<void> Charge(ByteCount bytes) EXCLUDES(mutex_);

  ByteCount used() const EXCLUDES(mutex_);

 private:
  /// One GET, and the blocks that it fills. What may change is guarded by mutex_.
  struct Fetch {
    BlockFileId file = 0;
    BaseVersion version;
    ByteRange range;
    bool ahead = false;                          // Read-ahead: goes on when nobody waits.
    std::vector<std::shared_ptr<Block>> blocks;  // In order; pinned until done.
    std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
    Duration patience{0};

    ByteCount published = 0;  // Everything in the range before it is in the blocks.
    bool done = false;
    bool given_up = false;  // Its end says nothing about the object: who waits looks again.
    std::optional<Error> error;
    int waiters = 0;
    CondVar progress;
  };
  using FetchPointer = std::shared_ptr<Fetch>;

  struct File {
    BaseVersion version;
    std::vector<FetchPointer> fetches;
  };

  /// Bytes of one block that are there to be copied.
  struct Piece {
    std::shared_ptr<Block> block;
    ByteRange range;
  };

  // Reading (block_cache.cc).
  /// Valid bytes from the start of `range` on, as far as they go without a gap.
  std::vector<Piece> CollectLocked(BlockFileId id, ByteRange range) REQUIRES(mutex_);
  static void Copy(const std::vector<Piece>& pieces, ByteCount offset, std::span<std::byte> out);
  /// Reads at least the first byte of `range`, waiting for it; returns how many bytes it read.
  Result<ByteCount> ReadSome(const OpContext& context, BlockFileId id, ByteRange range, ByteRange demand,
                             ByteCount offset, std::span<std::byte> out) EXCLUDES(mutex_);
  /// Waits until `fetch` has published `at`. False when the fetch was given up: look again.
  Result<bool> WaitFor(const OpContext& context, const FetchPointer& fetch, ByteCount at) EXCLUDES(mutex_);
  /// Fetches past the cache.
  Result<> ReadDirectly(const OpContext& context, const BaseVersion& version, ByteRange range, ByteCount offset,
                        std::span<std::byte> out);

  // Fetching (block_fetch.cc).
  FetchPointer FetchOfLocked(File& file, ByteCount at) REQUIRES(mutex_);
  struct Started {
    std::vector<FetchPointer> fetches;
    ByteCount until = 0;  // Everything asked for before it is there or on its way.
  };
  /// Begins the GETs for what is missing of `range` and not on its way, as far as there is memory. The caller posts
  /// them once it has let go of the lock.
  Started StartLocked(BlockFileId id, ByteRange range, bool ahead, Duration patience) REQUIRES(mutex_);
  FetchPointer StartOneLocked(BlockFileId id, ByteRange range, bool ahead, Duration patience) REQUIRES(mutex_);
  void Post(const std::vector<FetchPointer>& fetches) EXCLUDES(mutex_);
  void Run(const FetchPointer& fetch) EXCLUDES(mutex_);
  Result<> Publish(Fetch& fetch, ByteCount offset, std::span<const std::byte> data) EXCLUDES(mutex_);
  void Finish(const FetchPointer& fetch, std::optional<Error> error) EXCLUDES(mutex_);
  /// Takes a fetch off its file, so that nobody joins it, and its blocks off the table, so that nobody fills them
  /// beside it; the caller cancels it without the lock.
  void GiveUpLocked(const FetchPointer& fetch) REQUIRES(mutex_);

  const Options options_;
  ObjectStore& store_;
  Clock& clock_;

  mutable Mutex mutex_;
  BlockTable table_ GUARDED_BY(mutex_);
  std::unordered_map<BlockFileId, File> files_ GUARDED_BY(mutex_);
  BlockFileId next_id_ GUARDED_BY(mutex_) = 1;

  ThreadPool pool_;  // Last: its threads use all of the above.
};

/// The error of a read pinned to a version: where the object is gone, so is the version.
Error AsReadOfVersion(const Error& error);

}  // namespace cosfuse
