#include "fs/node_table.h"

#include <algorithm>
#include <utility>

#include "fs/file_state.h"
#include "fs/hash_buckets.h"
#include "fs/names.h"

namespace cosfuse {

NodeTable::NodeTable(std::string prefix, DirectoryState root) : prefix_(std::move(prefix)) {
  MutexLock lock(mutex_);
  Entry& entry = entries_[NodeId::kRoot];
  entry.node = std::make_unique<DirectoryNode>(NodeId::kRoot, InodeNumbers::kRoot, std::move(root));
  entry.named = true;
}

NodeTable::~NodeTable() = default;

NodeRef NodeTable::Find(NodeId id) {
  MutexLock lock(mutex_);
  Entry* const entry = FindLocked(id);
  return entry == nullptr ? nullptr : RefLocked(*entry);
}

NodeRef NodeTable::FindChild(const DirectoryNode& parent, std::string_view name) {
  MutexLock lock(mutex_);
  const Entry* const directory = FindLocked(parent.id());
  if (directory == nullptr) return nullptr;
  const auto child = directory->children.find(name);
  return child == directory->children.end() ? nullptr : RefLocked(entries_.at(child->second));
}

std::vector<NodeRef> NodeTable::Children(const DirectoryNode& parent) {
  std::vector<NodeRef> children;
  MutexLock lock(mutex_);
  if (const Entry* const directory = FindLocked(parent.id())) {
    for (const auto& [name, id] : directory->children) children.push_back(RefLocked(entries_.at(id)));
  }
  return children;
}

std::vector<NodeRef> NodeTable::Descendants(const DirectoryNode& top) {
  std::vector<NodeRef> found;
  MutexLock lock(mutex_);
  for (const NodeId id : BelowLocked(top.id())) found.push_back(RefLocked(entries_.at(id)));
  return found;
}

std::vector<NodeId> NodeTable::BelowLocked(NodeId top) {
  std::vector<NodeId> found;
  const auto append_children = [&](NodeId id) {
    mutex_.AssertHeld();
    const Entry* const entry = FindLocked(id);
    if (entry == nullptr) return;
    for (const auto& [name, child] : entry->children) found.push_back(child);
  };
  append_children(top);
  for (size_t i = 0; i < found.size(); ++i) append_children(found[i]);
  return found;
}

std::vector<ListedName> NodeTable::UnsentFiles(const DirectoryNode& parent) {
  std::vector<ListedName> unsent;
  MutexLock lock(mutex_);
  const Entry* const directory = FindLocked(parent.id());
  if (directory == nullptr) return unsent;
  for (const auto& [name, id] : directory->children) {
    FileNode* const file = entries_.at(id).node->AsFile();
    if (file == nullptr) continue;
    MutexLock file_lock(file->mutex);
    if (file->state().local_authority()) unsent.push_back(ToListedName(file->state(), name));
  }
  return unsent;
}

bool NodeTable::HoldsUnsent(const Node& top) {
  MutexLock lock(mutex_);
  return HoldsUnsentLocked(top.id());
}

bool NodeTable::HoldsUnsentLocked(NodeId top) {
  const auto unsent = [this](NodeId id) {
    mutex_.AssertHeld();
    const Entry* const entry = FindLocked(id);
    FileNode* const file = entry == nullptr ? nullptr : entry->node->AsFile();
    if (file == nullptr) return false;
    MutexLock lock(file->mutex);
    return file->state().local_authority();
  };
  return unsent(top) || std::ranges::any_of(BelowLocked(top), unsent);
}

template <typename NodeType, typename State>
NodeRef NodeTable::AddLocked(const DirectoryNode& parent, std::string_view name, const Node* expected, bool same_file,
                             State state, Graveyard& dead) {
  const auto parent_key = KeyLocked(parent.id());
  if (!parent_key) return nullptr;
  auto& children = FindLocked(parent.id())->children;
  const auto present = children.find(name);
  const NodeId wanted = expected == nullptr ? NodeId{} : expected->id();
  if ((present == children.end() ? NodeId{} : present->second) != wanted) return nullptr;
  if (expected != nullptr && HoldsUnsentLocked(wanted)) return nullptr;

  uint64_t inode = 0;
  if (expected != nullptr && same_file) {
    inode = expected->inode();
    inodes_.Share(inode);
  } else {
    inode = inodes_.Acquire(*parent_key + std::string(name));
  }
  const NodeId id{next_id_++};
  Entry& entry = entries_[id];
  entry.node = std::make_unique<NodeType>(id, inode, std::move(state));
  entry.parent = parent.id();
  entry.name = name;
  entry.named = true;
  // The reference is taken first: the old node's end must not take the parent along.
  NodeRef reference = RefLocked(entry);
  if (expected != nullptr) DetachLocked(wanted, dead);
  FindLocked(parent.id())->children.insert_or_assign(std::string(name), id);
  return reference;
}

FileRef NodeTable::AddFile(const DirectoryNode& parent, std::string_view name, const Node* expected, bool same_file,
                           FileState state) {
  Graveyard dead;
  MutexLock lock(mutex_);
  return std::static_pointer_cast<FileNode>(
      AddLocked<FileNode>(parent, name, expected, same_file, std::move(state), dead));
}

DirectoryRef NodeTable::AddDirectory(const DirectoryNode& parent, std::string_view name, const Node* expected,
                                     DirectoryState state) {
  Graveyard dead;
  MutexLock lock(mutex_);
  return std::static_pointer_cast<DirectoryNode>(
      AddLocked<DirectoryNode>(parent, name, expected, false, std::move(state), dead));
}

void NodeTable::Detach(const Node& node) {
  Graveyard dead;
  MutexLock lock(mutex_);
  DetachLocked(node.id(), dead);
}

bool NodeTable::DetachUnlessUnsent(const Node& node) {
  Graveyard dead;
  MutexLock lock(mutex_);
  if (HoldsUnsentLocked(node.id())) return false;
  DetachLocked(node.id(), dead);
  return true;
}

void NodeTable::DetachLocked(NodeId id, Graveyard& dead) {
  Entry* const entry = FindLocked(id);
  if (entry == nullptr || !entry->named || id == NodeId::kRoot) return;
  entry->last_key = KeyLocked(id, KeyKind::kLast);
  entry->named = false;
  entries_.at(entry->parent).children.erase(entry->name);
  const NodeId parent = entry->parent;
  RemoveIfUnusedLocked(id, dead);
  RemoveIfUnusedLocked(parent, dead);
}

bool NodeTable::Move(const Node& node, const DirectoryNode& parent, std::string_view name) {
  Graveyard dead;
  MutexLock lock(mutex_);
  Entry* const entry = FindLocked(node.id());
  if (entry == nullptr || !KeyLocked(parent.id())) return false;
  Entry& target = entries_.at(parent.id());
  const auto present = target.children.find(name);
  if (present != target.children.end()) {
    if (present->second == node.id()) return true;
    DetachLocked(present->second, dead);
  }
  DetachLocked(node.id(), dead);
  entry->parent = parent.id();
  entry->name = name;
  entry->named = true;
  target.children.insert_or_assign(std::string(name), node.id());
  return true;
}

std::optional<Place> NodeTable::Locate(const Node& node) {
  MutexLock lock(mutex_);
  auto key = KeyLocked(node.id());
  if (!key) return std::nullopt;
  const Entry& entry = entries_.at(node.id());
  if (node.id() == NodeId::kRoot) {
    return Place{std::static_pointer_cast<DirectoryNode>(RefLocked(entries_.at(NodeId::kRoot))), "", *std::move(key)};
  }
  return Place{std::static_pointer_cast<DirectoryNode>(RefLocked(entries_.at(entry.parent))), entry.name,
               *std::move(key)};
}

std::optional<ObjectKey> NodeTable::KeyOf(const Node& node) {
  MutexLock lock(mutex_);
  return KeyLocked(node.id());
}

std::optional<ObjectKey> NodeTable::LastKeyOf(const Node& node) {
  MutexLock lock(mutex_);
  return KeyLocked(node.id(), KeyKind::kLast);
}

std::optional<ObjectKey> NodeTable::KeyOfChild(const DirectoryNode& parent, std::string_view name) {
  const auto meaning = ParseName(name);
  if (!meaning) return std::nullopt;
  MutexLock lock(mutex_);
  auto key = KeyLocked(parent.id());
  if (key) *key += meaning->component;
  return key;
}

std::optional<ObjectKey> NodeTable::KeyLocked(NodeId id, KeyKind kind) {
  std::vector<const std::string*> names;
  const Entry* entry = FindLocked(id);
  const bool directory = entry != nullptr && entry->node->AsDirectory() != nullptr;
  ObjectKey key = prefix_;
  for (NodeId at = id; at != NodeId::kRoot; at = entry->parent) {
    entry = FindLocked(at);
    if (entry == nullptr || (!entry->named && kind == KeyKind::kPresent)) return std::nullopt;
    if (!entry->named) {
      if (at == id || !entry->last_key) return entry->last_key;
      key = *entry->last_key;
      break;
    }
    names.push_back(&entry->name);
  }
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const auto meaning = ParseName(**name);
    if (!meaning) return std::nullopt;
    key += meaning->component;
    key += '/';
  }
  if (!directory) key.pop_back();
  return key;
}

uint64_t NodeTable::InodeOfChild(const DirectoryNode& parent, std::string_view name) {
  MutexLock lock(mutex_);
  const Entry* const directory = FindLocked(parent.id());
  if (directory != nullptr) {
    const auto child = directory->children.find(name);
    if (child != directory->children.end()) return entries_.at(child->second).node->inode();
  }
  return inodes_.Peek(KeyLocked(parent.id()).value_or("") + std::string(name));
}

uint64_t NodeTable::InodeOfParent(const DirectoryNode& node) {
  MutexLock lock(mutex_);
  const Entry* const entry = FindLocked(node.id());
  const Entry* const parent = entry == nullptr || !entry->named ? nullptr : FindLocked(entry->parent);
  return parent == nullptr ? node.inode() : parent->node->inode();
}

void NodeTable::AddLookup(const Node& node) {
  MutexLock lock(mutex_);
  if (Entry* const entry = FindLocked(node.id())) ++entry->lookups;
}

void NodeTable::Forget(NodeId id, uint64_t count) {
  Graveyard dead;
  MutexLock lock(mutex_);
  Entry* const entry = FindLocked(id);
  if (entry == nullptr) return;
  entry->lookups -= std::min(count, entry->lookups);
  RemoveIfUnusedLocked(id, dead);
}

size_t NodeTable::size() const {
  MutexLock lock(mutex_);
  return entries_.size();
}

NodeRef NodeTable::RefLocked(Entry& entry) {
  const NodeId id = entry.node->id();
  ++entry.pins;
  return {entry.node.get(), [this, id](Node*) { Unpin(id); }};
}

void NodeTable::Unpin(NodeId id) {
  Graveyard dead;
  MutexLock lock(mutex_);
  --entries_.at(id).pins;
  RemoveIfUnusedLocked(id, dead);
}

NodeTable::Entry* NodeTable::FindLocked(NodeId id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

void NodeTable::RemoveIfUnusedLocked(NodeId id, Graveyard& dead) {
  while (id != NodeId::kRoot) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    if (entry.lookups > 0 || entry.pins > 0 || !entry.children.empty()) return;
    const NodeId parent = entry.parent;
    if (entry.named) entries_.at(parent).children.erase(entry.name);
    inodes_.Release(entry.node->inode());
    dead.push_back(std::move(entry.node));
    entries_.erase(found);
    ShrinkBuckets(entries_);
    id = parent;
  }
}

}  // namespace cosfuse
