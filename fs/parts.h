#pragma once

#include <atomic>
#include <string>

#include "base/thread_pool.h"
#include "cache/cached_file.h"
#include "cos/object_store.h"
#include "fs/file_system.h"
#include "fs/handle_table.h"
#include "fs/key_gate.h"
#include "fs/metadata_codec.h"
#include "fs/node_table.h"
#include "fs/recency_list.h"

namespace cosfuse {

/// What the classes of this room share. Built and owned by BucketFileSystem; destroyed in the reverse order: first the
/// threads, then handles (which refer to nodes), last the nodes.
struct Parts {
  Parts(FileSystemOptions file_system_options, ObjectStore& object_store, FileCache& file_cache, Clock& real_clock);
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  bool write_only() const { return options.access == AccessMode::kWriteOnly; }
  /// How old an answer may be that a lookup of the kernel has just had.
  Duration operation_tolerance() const { return std::max(options.ttl, kLookupGrace); }

  const FileSystemOptions options;
  const AttributeDefaults defaults;
  ObjectStore& store;
  FileCache& cache;
  Clock& clock;
  const WallTime started_at;    ///< The time of directories of which nothing else is known.
  const std::string writer_id;  ///< Tells our own objects from others' after a lost answer.

  std::atomic<MountPhase> phase = MountPhase::kServing;
  std::atomic<uint64_t> writes = 0;  ///< Makes `writer_id` different for each write.
  NodeTable nodes;
  HandleTable handles;
  KeyGate gate;
  RecencyList kept_contents;  ///< Closed files whose content is kept for the next open.
  RecencyList kept_listings;
  ThreadPool pool;  ///< For requests that go side by side. Its tasks end by themselves.
};

}  // namespace cosfuse
