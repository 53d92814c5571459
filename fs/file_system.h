#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_range.h"
#include "base/op_context.h"
#include "cache/cached_file.h"
#include "cache/journal_record.h"
#include "cos/object_store.h"
#include "fs/extended_attributes.h"
#include "fs/name_patterns.h"

namespace cosfuse {

class Journal;

/// One version of one file, or one directory, as the kernel knows it. A number, never an address: a restarted process
/// can give the same ones again.
enum class NodeId : uint64_t { kRoot = 1 };
/// An open file or directory. A number, never an address.
enum class HandleId : uint64_t {};

/// Who asks.
struct Caller {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;  ///< 0: unknown (another PID namespace).
  mode_t umask = 0;
};

struct FileAttributes {
  uint64_t inode = 0;  ///< st_ino: stays with the name over versions.
  mode_t mode = 0;     ///< Type and permissions.
  uint32_t link_count = 1;
  uid_t uid = 0;
  gid_t gid = 0;
  dev_t device = 0;
  ByteCount size = 0;
  WallTime access_time;
  WallTime modification_time;
  WallTime change_time;
};

/// Attributes, and how long the kernel may answer from them: the ttl less the age of their evidence.
struct TimedAttributes {
  FileAttributes attributes;
  Duration lifetime{0};
};

/// What a name means. Handing one to the kernel counts one lookup of the node; the kernel gives it back by Forget.
struct NodeEntry {
  NodeId node{};
  TimedAttributes attributes;
  Duration name_lifetime{0};
};

struct AttributeChange {
  std::optional<mode_t> permissions{};  ///< Permission bits with setuid, setgid, sticky; no type.
  std::optional<uid_t> uid{};
  std::optional<gid_t> gid{};
  std::optional<ByteCount> size{};
  std::optional<WallTime> access_time{};
  std::optional<WallTime> modification_time{};
  std::optional<WallTime> change_time{};
};

struct OpenedFile {
  HandleId handle{};
  bool keep_pages = false;  ///< The kernel's cached pages of this node are still right (FOPEN_KEEP_CACHE).
  bool direct = false;      ///< Bypass the page cache (FOPEN_DIRECT_IO).
};

/// What lseek looks for. Source: lseek(2), SEEK_DATA and SEEK_HOLE.
enum class SeekTarget { kData, kHole };

struct CreatedFile {
  NodeEntry entry;
  OpenedFile file;
};

struct DirectoryEntry {
  std::string name;
  uint64_t inode = 0;
  mode_t type = 0;                 ///< S_IFREG, S_IFDIR, …; 0 where only the metadata would tell (DT_UNKNOWN).
  uint64_t next_offset = 0;        ///< Where a later ReadDirectory goes on after this entry.
  std::optional<NodeEntry> entry;  ///< With attributes; counts one lookup. Never for "." and "..".
};

/// Takes one entry; false when there is no room for it (it was not taken, and no lookup is counted).
using DirectoryEntrySink = std::function<bool(const DirectoryEntry&)>;

struct FileSystemStatistics {
  ByteCount block_size = 0;
  uint64_t blocks = 0;
  uint64_t free_blocks = 0;
  uint64_t files = 0;
  uint64_t free_files = 0;
  uint64_t name_limit = 0;
};

/// A file that an earlier process has left: a program was told that it is safe, and the store does not have it.
struct LeftFile {
  std::shared_ptr<CachedFile> content;  ///< FileCache::Restore's.
  UploadTarget target;
  bool aside = false;  ///< A conflict has moved it beside its object: it has no name in the mount.
};

/// The files that Recovered::uploads are, in that order. One that cannot be read stays in the journal for the next
/// start; it is logged, and counted in `unreadable`. Local.
std::vector<LeftFile> RestoreLeft(FileCache& cache, std::span<const std::pair<JournalFileId, JournaledFile>> uploads,
                                  size_t& unreadable);

/// What an earlier process has left half way (Recovered).
struct LeftChanges {
  std::vector<LeftFile> files{};                     ///< In the order in which they were closed.
  std::map<std::string, JournaledMove> moves{};      ///< Renames of directories, by id.
  std::map<ObjectKey, JournaledRemoval> removals{};  ///< Unlinked files.
};

/// What the role of the profile allows (docs/SEMANTICS.md, Roles).
enum class AccessMode { kReadWrite, kReadOnly, kWriteOnly };

/// Where in its life a mount is.
enum class MountPhase {
  kServing,
  kDraining,  ///< Nothing new may be changed (EROFS); handles open for writing may finish.
  kReadOnly,  ///< Nothing may be changed at all: the unmount comes next.
};

/// What programs usually call their locks.
inline constexpr std::string_view kUsualLockNames = "*.lock,*.lck,*.pid,lock,LOCK";
inline NamePatterns UsualLockNames() { return NamePatterns::Parse(kUsualLockNames).value_or(NamePatterns()); }

struct FileSystemOptions {
  std::string prefix;  ///< Keys of this mount begin with it; empty, or ending in '/'.
  AccessMode access = AccessMode::kReadWrite;
  Duration ttl = std::chrono::seconds(1);
  uid_t uid = 0;  ///< Owner of objects without metadata.
  gid_t gid = 0;
  mode_t file_mode = 0644;  ///< Their permissions.
  mode_t directory_mode = 0755;
  ByteCount capacity = uint64_t{1} << 50;  ///< What statfs reports.
  /// The names by which programs exclude each other: an exclusive create of one is decided in the store at once, so
  /// that of all mounts exactly one wins; of any other name it is decided when the file is closed.
  NamePatterns exclusive_names = UsualLockNames();
  /// A close returns when the bytes are safe on the local disk (CachedFile::Promise), not when they are in the store.
  bool close_promises = false;
  bool fsync_promises = false;   ///< So does fsync.
  StoreDelay store_delay{};      ///< Of what a close has promised.
  NamePatterns barrier_names{};  ///< Promised files that are not stored before those that were promised earlier.
};

/// The bucket as a file system that knows neither FUSE nor errno. Every call is one of the kernel's; names are single
/// components, already checked by the kernel to hold no '/' and no NUL.
///
/// Calls that may use the network wait unless the context forbids it: then they fail with kWouldWait and have changed
/// nothing, so that a caller may try at once and come back with time to wait. Thread-safe.
///
/// Errors beside those of each call: kNotFound, kNotDirectory, kReadOnly, kAccessDenied, kNameTooLong, and
/// ObjectStore's.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Names. op_lookup.cc, op_getattr.cc, op_setattr.cc, …
  virtual Result<NodeEntry> Lookup(const OpContext& context, NodeId parent, std::string_view name) = 0;
  /// Gives `count` lookups back. Never waits.
  virtual void Forget(NodeId node, uint64_t count) = 0;
  /// kStale when the node's version is no longer the name's and no handle holds it open: the kernel looks it up again.
  virtual Result<TimedAttributes> GetAttributes(const OpContext& context, NodeId node) = 0;
  virtual Result<TimedAttributes> SetAttributes(const OpContext& context, const Caller& caller, NodeId node,
                                                std::optional<HandleId> handle, const AttributeChange& change) = 0;
  virtual Result<std::string> ReadLink(const OpContext& context, NodeId node) = 0;

  // Extended attributes. op_xattr.cc. Names of namespaces that are not kept are answered without a request.
  /// Errors: kNoAttribute, kUnsupported (a namespace that is not kept).
  virtual Result<std::string> GetExtendedAttribute(const OpContext& context, NodeId node, std::string_view name) = 0;
  /// Errors: kAlreadyExists, kNoAttribute (by `mode`), kUnsupported; kNoSpace: more than an object's metadata holds,
  /// and nothing has changed.
  virtual Result<> SetExtendedAttribute(const OpContext& context, NodeId node, std::string_view name,
                                        std::string_view value, ExtendedAttributeMode mode) = 0;
  virtual Result<std::vector<std::string>> ListExtendedAttributes(const OpContext& context, const Caller& caller,
                                                                  NodeId node) = 0;
  /// Errors: kNoAttribute, kUnsupported.
  virtual Result<> RemoveExtendedAttribute(const OpContext& context, NodeId node, std::string_view name) = 0;

  // The tree. Permission checks are the kernel's (default_permissions).
  virtual Result<NodeEntry> MakeNode(const OpContext& context, const Caller& caller, NodeId parent,
                                     std::string_view name, mode_t mode, dev_t device) = 0;
  virtual Result<NodeEntry> MakeDirectory(const OpContext& context, const Caller& caller, NodeId parent,
                                          std::string_view name, mode_t mode) = 0;
  virtual Result<NodeEntry> MakeSymbolicLink(const OpContext& context, const Caller& caller, NodeId parent,
                                             std::string_view name, std::string_view target) = 0;
  virtual Result<> Unlink(const OpContext& context, NodeId parent, std::string_view name) = 0;
  /// Errors: kNotEmpty, by the bucket.
  virtual Result<> RemoveDirectory(const OpContext& context, NodeId parent, std::string_view name) = 0;
  /// `no_replace`: kAlreadyExists when the target exists.
  virtual Result<> Rename(const OpContext& context, NodeId parent, std::string_view name, NodeId new_parent,
                          std::string_view new_name, bool no_replace) = 0;

  // Files. `flags` are those of open(2).
  /// kStale when the name has a newer version than the node: the kernel looks it up again and opens that.
  virtual Result<OpenedFile> Open(const OpContext& context, const Caller& caller, NodeId node, int flags) = 0;
  virtual Result<CreatedFile> Create(const OpContext& context, const Caller& caller, NodeId parent,
                                     std::string_view name, mode_t mode, int flags) = 0;
  virtual Result<size_t> Read(const OpContext& context, HandleId handle, ByteCount offset,
                              std::span<std::byte> out) = 0;
  /// Local: waits for the network only where staging is full of what is on its way to the store.
  virtual Result<> Write(const OpContext& context, HandleId handle, ByteCount offset,
                         std::span<const std::byte> data) = 0;
  /// `mode` is that of fallocate(2): allocating (which looks for room and reserves none), punching holes and zeroing.
  /// Local. Errors: kNoSpace, kTooLarge (nothing has changed), kUnsupported (other modes).
  virtual Result<> Allocate(const OpContext& context, HandleId handle, int mode, ByteRange range) = 0;
  /// Where data, or a hole, is next; at the end of the file is a hole. Nothing where there is none, or `offset` is not
  /// before the end. Local.
  virtual Result<std::optional<ByteCount>> Seek(const OpContext& context, HandleId handle, SeekTarget target,
                                                ByteCount offset) = 0;
  /// Copies up to `length` bytes between two files without reading them here, and says how many: the store copies them
  /// when the target is stored. Local; what has to be read and written instead is kUnsupported, and nothing has
  /// changed. The target is as after a write; when others replace or remove the source before the target is stored,
  /// reading and storing it fail with kStale.
  virtual Result<ByteCount> CopyRange(const OpContext& context, HandleId from_handle, ByteCount from,
                                      HandleId to_handle, ByteCount to, ByteCount length) = 0;
  /// Called by each close(2) of a descriptor. Waits for the store when the file is dirty. `wait` false: the closing
  /// process is being killed, the upload is only started.
  virtual Result<> Flush(const OpContext& context, HandleId handle, bool wait) = 0;
  virtual Result<> Fsync(const OpContext& context, HandleId handle) = 0;
  /// The last descriptor is gone. Never waits: what is still dirty is queued.
  virtual void Release(HandleId handle) = 0;

  // Directories.
  virtual Result<HandleId> OpenDirectory(const OpContext& context, NodeId node) = 0;
  /// Hands entries to `sink` from `offset` on (0: the start; else some entry's next_offset) until it refuses one or the
  /// directory ends. `with_attributes`: entries may carry a NodeEntry.
  virtual Result<> ReadDirectory(const OpContext& context, HandleId handle, uint64_t offset, bool with_attributes,
                                 const DirectoryEntrySink& sink) = 0;
  virtual Result<> FsyncDirectory(const OpContext& context, HandleId handle) = 0;
  virtual void ReleaseDirectory(HandleId handle) = 0;

  virtual Result<FileSystemStatistics> StatFs(const OpContext& context) = 0;

  /// Only forward. Takes effect for calls that begin after it returns.
  virtual void SetPhase(MountPhase phase) = 0;
  /// Takes over what an earlier process has left. The names of files are there at once, with the bytes and attributes
  /// that programs know, and whoever uses one finds a file that was closed here; they are stored from
  /// FileCache::StoreLeft on. What was unlinked is gone, and goes from the store after them; renames of directories go
  /// on. Local, and needs no descriptors. Call it once, before any other call.
  virtual void AdoptLeft(const LeftChanges& /*left*/) {}
  /// Stores what programs have set of closed files and no upload has carried: modes, owners, times. For the end of a
  /// mount; until then it happens by itself. Errors: the first.
  virtual Result<> StoreLeftAttributes(const OpContext& context) = 0;
  /// Returns when no rename of a directory stands half way: one that failed, or was left by an earlier process, is
  /// brought to its end by itself. Errors: the context's; they go on.
  virtual Result<> FinishMoves(const OpContext& /*context*/) { return {}; }
  /// Returns when what was unlinked before has gone from the store. Errors: the context's, and they go on; that of one
  /// that the store has refused.
  virtual Result<> FinishRemovals(const OpContext& /*context*/) { return {}; }
  /// Handles open for writing: what an unmount would cut off.
  virtual size_t open_writers() const { return 0; }
};

/// The real one. All references and pointers are borrowed and must outlive it. With a journal renames of directories
/// and unlinks survive this process; null: there is none, and unlinks wait for the store.
std::unique_ptr<FileSystem> MakeFileSystem(FileSystemOptions options, ObjectStore& store, FileCache& cache,
                                           Clock& clock, Journal* journal);

}  // namespace cosfuse
