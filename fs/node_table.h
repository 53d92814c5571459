#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "fs/inode_numbers.h"
#include "fs/node.h"

namespace cosfuse {

/// Where a node hangs in the tree.
struct Place {
  DirectoryRef parent;
  std::string name;
  ObjectKey key;  ///< Of a directory with the slash at its end.
};

/// The tree of nodes: ids, names, lookup counts. A node lives while the kernel has looked it up more often than it has
/// forgotten it, while somebody holds a reference (an operation, a handle, unsent bytes), or while named nodes are
/// below it. Each reference is one of the Ref pointers; all must be gone before the table.
///
/// Invariants: a name of a directory belongs to at most one node; the way from a named node to the root is never
/// broken by removal of a parent; a node that lost its name never gets one back but by Move; what a store's answer
/// says never takes a name from bytes that it does not have. Thread-safe; takes nodes' mutexes under its own (lock
/// order: fs/node.h), so call it with none of them held.
class NodeTable {
 public:
  NodeTable(std::string prefix, DirectoryState root);
  ~NodeTable();
  NodeTable(const NodeTable&) = delete;
  NodeTable& operator=(const NodeTable&) = delete;

  /// Null where there is no such node.
  NodeRef Find(NodeId id) EXCLUDES(mutex_);
  NodeRef FindChild(const DirectoryNode& parent, std::string_view name) EXCLUDES(mutex_);
  std::vector<NodeRef> Children(const DirectoryNode& parent) EXCLUDES(mutex_);
  /// Every named node below.
  std::vector<NodeRef> Descendants(const DirectoryNode& top) EXCLUDES(mutex_);

  /// The files right below whose bytes the store does not have.
  std::vector<ListedName> UnsentFiles(const DirectoryNode& parent) EXCLUDES(mutex_);
  /// True while the node, or anything named below it, has bytes that the store does not have.
  bool HoldsUnsent(const Node& top) EXCLUDES(mutex_);

  /// Makes a node under a name that belongs to `expected` now (null: to nobody); that node loses the name. Null when
  /// the name belongs to another one, `expected` holds unsent bytes, or `parent` has no place in the tree. `same_file`:
  /// st_ino goes on from `expected`.
  FileRef AddFile(const DirectoryNode& parent, std::string_view name, const Node* expected, bool same_file,
                  FileState state) EXCLUDES(mutex_);
  DirectoryRef AddDirectory(const DirectoryNode& parent, std::string_view name, const Node* expected,
                            DirectoryState state) EXCLUDES(mutex_);

  /// Takes the node's name away, if it has one.
  void Detach(const Node& node) EXCLUDES(mutex_);
  /// The same for a name that the store does not have any more. False, and nothing done, where it holds unsent bytes.
  bool DetachUnlessUnsent(const Node& node) EXCLUDES(mutex_);
  /// Gives the node another name, or one again; whoever has that loses it. False when `parent` has no place in the
  /// tree.
  bool Move(const Node& node, const DirectoryNode& parent, std::string_view name) EXCLUDES(mutex_);

  /// Nothing for a node without a name, or below one without.
  std::optional<Place> Locate(const Node& node) EXCLUDES(mutex_);
  std::optional<ObjectKey> KeyOf(const Node& node) EXCLUDES(mutex_);
  /// The same for a node that has lost its name, or one below such: the key that it had last.
  std::optional<ObjectKey> LastKeyOf(const Node& node) EXCLUDES(mutex_);
  /// The key that a name in this directory stands for. Nothing where the name is none, or the directory has no place.
  std::optional<ObjectKey> KeyOfChild(const DirectoryNode& parent, std::string_view name) EXCLUDES(mutex_);
  /// st_ino that a name without a node will get; of the node where there is one.
  uint64_t InodeOfChild(const DirectoryNode& parent, std::string_view name) EXCLUDES(mutex_);
  uint64_t InodeOfParent(const DirectoryNode& node) EXCLUDES(mutex_);

  void AddLookup(const Node& node) EXCLUDES(mutex_);
  void Forget(NodeId id, uint64_t count) EXCLUDES(mutex_);

  /// Nodes, the root included.
  size_t size() const EXCLUDES(mutex_);

 private:
  struct Entry {
    std::unique_ptr<Node> node;
    NodeId parent{};
    std::string name;
    bool named = false;
    std::optional<ObjectKey> last_key;  // Of a node that has lost its name.
    uint64_t lookups = 0;
    uint64_t pins = 0;
    std::map<std::string, NodeId, std::less<>> children;
  };
  using Graveyard = std::vector<std::unique_ptr<Node>>;

  NodeRef RefLocked(Entry& entry) REQUIRES(mutex_);
  void Unpin(NodeId id) EXCLUDES(mutex_);
  Entry* FindLocked(NodeId id) REQUIRES(mutex_);
  /// Removes the node if nothing keeps it, and then its parents likewise. What dies is destroyed after the unlock.
  void RemoveIfUnusedLocked(NodeId id, Graveyard& dead) REQUIRES(mutex_);
  void DetachLocked(NodeId id, Graveyard& dead) REQUIRES(mutex_);
  enum class KeyKind { kPresent, kLast };
  std::optional<ObjectKey> KeyLocked(NodeId id, KeyKind kind = KeyKind::kPresent) REQUIRES(mutex_);
  bool HoldsUnsentLocked(NodeId top) REQUIRES(mutex_);
  /// The node itself excluded.
  std::vector<NodeId> BelowLocked(NodeId top) REQUIRES(mutex_);

  template <typename NodeType, typename State>
  NodeRef AddLocked(const DirectoryNode& parent, std::string_view name, const Node* expected, bool same_file,
                    State state, Graveyard& dead) REQUIRES(mutex_);

  const std::string prefix_;
  mutable Mutex mutex_;
  uint64_t next_id_ GUARDED_BY(mutex_) = 2;
  InodeNumbers inodes_ GUARDED_BY(mutex_);
  std::unordered_map<NodeId, Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
