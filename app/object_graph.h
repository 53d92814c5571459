#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cache_directory.h"
#include "app/mount_helper.h"
#include "app/mount_options.h"
#include "app/preflight.h"
#include "auth/token_source.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/random.h"
#include "cache/cached_file.h"
#include "cache/recovery.h"
#include "cos/object_store.h"
#include "fs/file_system.h"
#include "fs/fuse/fuse_mount.h"
#include "http/retry.h"
#include "http/transport.h"

namespace cosfuse {

/// What talks to the outside on an identity's behalf.
std::unique_ptr<Transport> MakeTransport(const IdentityOptions& identity, const Clock& clock);
std::unique_ptr<TokenSource> MakeTokenSource(const IdentityOptions& identity, Transport& transport, Disk& disk,
                                             const Clock& clock, Random& random);

/// A mount and everything under it. Owns every object, in the order of construction; destruction in reverse is the
/// shutdown. Nothing outlives it, and there is nothing beside it. The accessors may be used by any thread.
class App {
 public:
  /// Builds from the bottom up, checks identity and access on the way, and mounts last: on failure no mount is left.
  /// `on_unmounted` is called by a thread of the mount when the kernel has ended it. Blocks on the network until the
  /// context is cancelled, or for a time that is bounded by itself.
  static std::expected<std::unique_ptr<App>, StartFailure> Start(const MountOptions& options, const OpContext& context,
                                                                 MountHelper& helper,
                                                                 std::function<void()> on_unmounted);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  Clock& clock() { return clock_; }
  FileCache& cache() { return *cache_; }
  FileSystem& file_system() { return *file_system_; }
  FuseMount& mount() { return *mount_; }
  AccessMode access() const { return access_; }
  const CacheDirectory& cache_directory() const { return cache_directory_; }
  /// Files that earlier processes of this cache directory wrote and never closed: `cosfuse recover` has them.
  size_t kept_files() const { return kept_files_; }
  /// What is not in the store survives this process.
  bool has_journal() const { return recovered_.journal != nullptr; }
  /// Files that an earlier process had promised to store, and that are stored behind the mount; and those of them that
  /// cannot be read, which stay in the journal.
  size_t left_files() const { return left_files_; }
  size_t unreadable_files() const { return unreadable_files_; }
  /// Renames of directories that an earlier process has left half way; they are brought to their end by themselves.
  size_t left_moves() const { return left_moves_; }

 private:
  App(const MountOptions& options, CacheDirectory cache_directory);
  std::optional<StartFailure> Connect(const OpContext& context);
  /// What an earlier process has left is taken over. Not for a mount that cannot write, or that has no directory of its
  /// own.
  Result<> TakeOver();
  ByteCount DiskBudget() const;
  Result<> Mount(MountHelper& helper, std::function<void()> on_unmounted);

  const MountOptions options_;
  const CacheDirectory cache_directory_;
  SystemClock clock_;
  SystemRandom random_;
  RetryBudget retry_budget_;
  const std::unique_ptr<Disk> disk_;
  const ByteCount memory_;
  const std::unique_ptr<Transport> transport_;
  const std::unique_ptr<TokenSource> tokens_;
  const std::unique_ptr<ObjectStore> store_;
  AccessMode access_ = AccessMode::kReadOnly;
  Recovered recovered_;  ///< What of it the parts below have not taken yet; the journal stays here.
  size_t kept_files_ = 0;
  size_t left_files_ = 0;
  size_t unreadable_files_ = 0;
  size_t left_moves_ = 0;
  std::unique_ptr<ObjectStore> journaled_store_;  ///< Null where there is no journal.
  std::unique_ptr<FileCache> cache_;
  std::unique_ptr<FileSystem> file_system_;
  std::unique_ptr<FuseMount> mount_;
};

}  // namespace cosfuse
