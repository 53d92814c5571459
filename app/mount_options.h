#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/byte_range.h"
#include "base/clock.h"
#include "base/log.h"
#include "cache/cached_file.h"
#include "fs/file_system.h"
#include "fs/name_patterns.h"
#include "http/retry.h"

namespace cosfuse {

// What the program is asked to do, judged and complete: the output of app/validate_options.h, plain values.

/// Who the process is to IAM, and how it reaches it.
struct IdentityOptions {
  std::string profile_id;  ///< "Profile-…"; one of id, name and crn is set, unless one of the next two is.
  std::string profile_name;
  std::string profile_crn;
  std::string api_key_file;  ///< An API key instead of a profile.
  bool anonymous = false;    ///< No token at all: for a public bucket.
  std::string token_file;    ///< Empty: the first of DefaultTokenFiles() that exists.
  std::string iam_endpoint;  ///< Scheme and host, no trailing slash.
  std::string ca_file;       ///< Certificates to trust instead of the system's; empty: the system's.
  bool allow_http = false;   ///< Plain http to a host that is not loopback.
};

/// Where the bucket is.
struct BucketOptions {
  std::string endpoint;  ///< Scheme and host, no trailing slash.
  std::string bucket;
  std::string prefix;  ///< Empty, or ending in '/'; never beginning with one.
};

/// What the mount is to be able to do; kAuto finds out at start.
enum class AccessRequest { kAuto, kReadWrite, kReadOnly, kWriteOnly };

/// When a close returns.
enum class Durability {
  kClose,    ///< When the object is complete in the store.
  kJournal,  ///< When bytes and intent are synced to the local disk.
};

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kAuto;
};

struct MountOptions {
  std::string mountpoint;
  IdentityOptions identity;
  BucketOptions bucket;
  AccessRequest access = AccessRequest::kAuto;
  Duration ttl = std::chrono::seconds(1);
  std::optional<uid_t> uid;  ///< None: the process's own.
  std::optional<gid_t> gid;
  mode_t file_mode = 0644;
  mode_t directory_mode = 0755;
  ByteCount capacity = 1024 * kTiB;
  NamePatterns exclusive_names = UsualLockNames();
  std::string cache_directory;                 ///< Empty: DefaultCacheDirectory (app/cache_directory.h).
  std::optional<ByteCount> cache_size;         ///< Of disk. None: DecideDiskBudget (app/disk_budget.h).
  std::optional<ByteCount> ephemeral_storage;  ///< The pod's limit. None: the cache directory does not count for it.
  std::optional<ByteCount> memory;             ///< None: DecideMemoryBudget (app/memory_budget.h).
  ByteCount part_size = 20 * kMiB;
  Durability durability = Durability::kClose;
  // Of Durability::kJournal:
  Durability fsync_durability = Durability::kClose;  ///< The same for fsync.
  Duration journal_sync{0};                      ///< A close survives the node so long after it has returned, at most.
  Duration max_delay = std::chrono::seconds(5);  ///< From a close to its upload, at most.
  NamePatterns barrier_names{};                  ///< Files that do not get to the store before earlier ones.
  ConflictPolicy on_conflict = ConflictPolicy::kKeep;
  std::string conflict_prefix;  ///< Of the keys of what has lost; empty: it stays beside the object.
  ByteCount conflict_base = 8 * kMiB;
  Duration drain_timeout = std::chrono::seconds(25);
  Duration io_timeout = std::chrono::seconds(60);
  RetryPolicy retries;              ///< Of requests to the store.
  std::optional<bool> allow_other;  ///< None: when root.
  std::string pid_file;             ///< Empty: none.
  LogOptions log;
};

struct MountCommand {
  MountOptions options;
  bool background = false;
};
struct RunCommand {
  MountOptions options;
  std::vector<std::string> program;  ///< Program and arguments; not empty.
};
struct UnmountCommand {
  std::string mountpoint;
  bool force = false;  ///< Detach even when files are open.
};
struct WaitCommand {
  std::string mountpoint;
  Duration timeout = std::chrono::seconds(60);
};
struct TokenCommand {
  IdentityOptions identity;
  LogOptions log;
  bool header = false;  ///< Print the Authorization header instead of a description.
};
enum class RecoverAction { kList, kExport, kUpload, kDiscard };
/// What earlier processes left in cache directories.
struct RecoverCommand {
  RecoverAction action = RecoverAction::kList;
  std::string entry;            ///< Of all but kList.
  std::string output;           ///< Of kExport: a file that does not exist yet, or "-".
  std::string cache_directory;  ///< Empty: all that mounts take by default.
  std::optional<IdentityOptions> identity;
  std::string why_no_identity;  ///< CAUSE. REMEDY, where there is none.
  LogOptions log;
};
/// Which keys of a bucket a mount does not show.
struct DoctorCommand {
  IdentityOptions identity;
  BucketOptions bucket;
  LogOptions log;
};
/// --help and --version.
struct ShowTextCommand {
  std::string text;
};

using Command = std::variant<MountCommand, RunCommand, UnmountCommand, WaitCommand, TokenCommand, RecoverCommand,
                             DoctorCommand, ShowTextCommand>;

}  // namespace cosfuse
