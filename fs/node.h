#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "cache/cached_file.h"
#include "cos/object_store.h"
#include "fs/change_log.h"
#include "fs/directory_listing.h"
#include "fs/file_system.h"
#include "fs/freshness.h"
#include "fs/metadata_codec.h"
#include "fs/page_look.h"
#include "fs/recent_absences.h"

namespace cosfuse {

class FileNode;
class DirectoryNode;

/// A file or directory of the mount under one node id. Where it hangs in the tree is NodeTable's business; what it is
/// stands here, guarded by a mutex of its own.
///
/// Lock order, for the whole room: HandleTable's or NodeTable's mutex, then one node's, then what cache/ locks inside.
/// Never two nodes' at a time, and none over a request, a disk sync, a reply or a sink.
class Node {
 public:
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  NodeId id() const { return id_; }
  uint64_t inode() const { return inode_; }
  virtual FileNode* AsFile() { return nullptr; }
  virtual DirectoryNode* AsDirectory() { return nullptr; }

  mutable Mutex mutex;

 protected:
  Node(NodeId id, uint64_t inode) : id_(id), inode_(inode) {}

 private:
  const NodeId id_;
  const uint64_t inode_;
};

/// A version of an object that somebody else made and that was met while the node stood for another one.
struct Successor {
  ObjectInfo info;
  std::shared_ptr<CachedFile> content;  ///< The bytes, where they came along.
  MonotonicTime at;
};

/// Everything about a file, a symbolic link or another thing that is one object (or will be, once it is sent).
struct FileState {
  // What the store holds.
  ETag etag;  ///< Empty: not in the store yet, or not any more.
  ByteCount stored_size = 0;
  std::optional<WallTime> last_modified;  ///< Nothing: our own upload, whose answer does not say.
  bool settled = false;                   ///< ETag and Last-Modified together prove the metadata (NodeIsProvenBy).
  ObjectMetadata metadata;                ///< As stored, everything foreign included.

  // What the mount shows.
  PosixAttributes attributes;
  std::optional<std::string> link_target;

  // How far that may be believed.
  Evidence evidence;
  Evidence looked_up;            ///< A lookup proved the version then, and no open has relied on it yet.
  bool used = false;             ///< Has been opened: the kernel may hold pages of this version.
  bool attributes_lent = false;  ///< The kernel may still answer from attributes that it was given.
  std::shared_ptr<const Successor> successor;

  // While it is open or has unsent bytes.
  std::shared_ptr<CachedFile> content;
  size_t handles = 0;
  size_t writers = 0;
  std::optional<ETag> replaced{};  ///< What the name had when a rename brought it here, as far as this mount knows.
  bool replaces_unseen = false;    ///< The first upload replaces whatever the name has (write-only, rename).
  bool content_whole = false;      ///< `content` holds all bytes; reading it needs no request.
  bool conflicted = false;         ///< Another writer won; the bytes are a sibling's now.
  bool unlinked = false;           ///< No name leads here any more.

  // Attributes that programs set while this mount has authority are counted, and how many of them the store has at
  // least; what no upload carried goes by a copy.
  uint64_t attribute_changes = 0;
  uint64_t stored_attribute_changes = 0;
  /// An upload has been asked for since the content was last seen clean; the oldest of their attributes.
  std::optional<uint64_t> changes_handed_over;
  uint64_t hand_overs = 0;  ///< How often a target was handed to the content.
  std::string lost_copy;    ///< The id of a copy onto itself that may have made another version; mostly empty.
  uint64_t early_attribute_changes = 0;  ///< Those that parts went with that left while the file was written.

  bool dirty() const { return content != nullptr && content->dirty(); }
  /// This mount knows better than the store.
  bool local_authority() const { return writers > 0 || dirty(); }
  ByteCount size() const { return content != nullptr ? content->size() : stored_size; }
};

class FileNode final : public Node {
 public:
  FileNode(NodeId id, uint64_t inode, FileState initial) : Node(id, inode), state_(std::move(initial)) {}
  FileNode* AsFile() override { return this; }

  FileState& state() REQUIRES(mutex) { return state_; }

 private:
  FileState state_ GUARDED_BY(mutex);
};

enum class MarkerState { kUnknown, kPresent, kAbsent };

/// Everything about a directory: a prefix with a marker object `dir/`, or one that its contents imply.
struct DirectoryState {
  AttributeDefaults defaults;  ///< For a directory that nothing but its contents implies.
  PosixAttributes attributes;
  Evidence attributes_evidence;
  std::optional<WallTime> listed_at;  ///< The access time, once listing the directory has moved it.
  bool times_are_ours = false;        ///< The times have moved with our own changes; they live in memory only.

  MarkerState marker = MarkerState::kUnknown;
  ETag marker_etag;
  std::optional<WallTime> marker_modified;
  bool marker_settled = false;
  ObjectMetadata marker_metadata;
  bool old_marker = false;  ///< An object without the slash, as older s3fs wrote it.

  Evidence evidence;  ///< That the directory exists.
  bool removed = false;

  // What listings have shown, kept beyond the ttl and brought up to date with our own changes.
  std::optional<DirectoryListing> listing;
  Evidence listing_evidence;    ///< That it is complete. Nothing: only stretches of it are.
  bool listing_sorted = false;  ///< A complete listing was seen in binary order.
  size_t hidden_keys = 0;       ///< That it had, and that are no names.

  ChangeLog changes;
  RecentAbsences absences;
  LookMemory looks;
};

class DirectoryNode final : public Node {
 public:
  DirectoryNode(NodeId id, uint64_t inode, DirectoryState initial) : Node(id, inode), state_(std::move(initial)) {}
  DirectoryNode* AsDirectory() override { return this; }

  DirectoryState& state() REQUIRES(mutex) { return state_; }

 private:
  DirectoryState state_ GUARDED_BY(mutex);
};

using FileRef = std::shared_ptr<FileNode>;
using DirectoryRef = std::shared_ptr<DirectoryNode>;
using NodeRef = std::shared_ptr<Node>;

}  // namespace cosfuse
