#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <string>

#include "base/byte_range.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/random.h"
#include "cache/cached_file.h"
#include "cache/conflict_name.h"
#include "cache/journal.h"
#include "cache/part_schedule.h"
#include "cache/promise_limit.h"
#include "cos/object_store.h"

namespace cosfuse {

struct FileCacheOptions {
  ByteCount memory_budget = 96 * kMiB;  ///< Clean blocks and the small bodies of OpenWithContent.
  /// Staging files and the journal, counted in blocks really used. What is clean makes room for what is dirty.
  ByteCount disk_budget = std::numeric_limits<ByteCount>::max();
  ByteCount disk_taken = 0;  ///< Of that, by what waits for `cosfuse recover`.
  /// Above it an object goes up in parts of about this size; less where the disk is small.
  ByteCount part_size = 20 * kMiB;
  UploadLimits limits{};                           ///< What the store takes.
  size_t parallel_uploads = 32;                    ///< Threads that send files and parts.
  size_t parallel_parts = 8;                       ///< Parts of one file at a time.
  size_t parallel_fetches = 64;                    ///< Threads that fetch ranges.
  Duration io_timeout = std::chrono::seconds(60);  ///< An upload ends after so long without progress.
  Duration promise_sync_delay{};                   ///< Until then a promise survives the process, later the node.
  PromiseLimit promise_limit{};                    ///< From which closes slow down and wait.
  ConflictPolicy on_conflict = ConflictPolicy::kKeep;
  ConflictPlace conflict_place{};
  /// The base of an edit up to this size is fetched beside the first write, so that a conflict finds all bytes at hand;
  /// 0: none is.
  ByteCount conflict_base = 0;
  std::string store_name;  ///< Endpoint and bucket: what is remembered on disk about the store is its alone.
  /// The role may not look at objects: large files are completed all the same, where the store ignores their
  /// conditions.
  bool write_only = false;
};

/// The real FileCache. `store`, `disk`, `clock`, `random` and `journal` are borrowed and must outlive it; every
/// CachedFile that it gave out must be released before it is destroyed. With a journal, what is not in the store
/// survives this process, in the disk's kStagingDirectory; null: nothing does. The destructor cancels what is in
/// progress and joins its threads: call Drain before it.
std::unique_ptr<FileCache> MakeFileCache(const FileCacheOptions& options, ObjectStore& store, Disk& disk, Clock& clock,
                                         Random& random, Journal* journal);

}  // namespace cosfuse
