#include "fs/fuse/fake_file_system.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

namespace cosfuse {
namespace {

bool IsSlow(std::string_view name) { return name.starts_with("slow") || name.starts_with("direct-slow"); }

}  // namespace

FakeFileSystem::FakeFileSystem(Clock& clock) : clock_(clock) {
  Node& root = nodes_[NodeId::kRoot];
  root.attributes.inode = 1;
  root.attributes.mode = S_IFDIR | 0777;
  root.lookups = 1;
}

Result<> FakeFileSystem::PassGate(const OpContext& context, std::string_view name) {
  const bool late = name.starts_with("late");
  if (!IsSlow(name) && !late) return {};
  const auto wake = context.OnCancel([this] {
    const MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
  const MutexLock lock(mutex_);
  if (gate_open_) return {};
  if (!context.may_wait()) return Fail(ErrorCode::kWouldWait, "the gate is closed");
  ++waiting_;
  changed_.NotifyAll();
  while (!gate_open_ && !context.cancelled() && clock_.Now() < context.deadline()) {
    changed_.WaitUntil(mutex_, std::min(context.deadline(), clock_.Now() + std::chrono::seconds(1)));
  }
  --waiting_;
  if (gate_open_ || late) return {};
  return context.CheckMayWait(clock_.Now());
}

TimedAttributes FakeFileSystem::AttributesLocked(NodeId id) const {
  const Node& node = nodes_.at(id);
  TimedAttributes timed{node.attributes, lifetime_};
  timed.attributes.size = node.content.size();
  return timed;
}

NodeEntry FakeFileSystem::EntryLocked(NodeId id) {
  ++nodes_.at(id).lookups;
  return {.node = id, .attributes = AttributesLocked(id), .name_lifetime = lifetime_};
}

FakeFileSystem::Node& FakeFileSystem::MakeLocked(NodeId parent, std::string_view name, mode_t mode,
                                                 const Caller& caller, NodeId& id) {
  id = NodeId{next_node_++};
  Node& node = nodes_[id];
  node.name = name;
  node.attributes.inode = static_cast<uint64_t>(id);
  node.attributes.mode = mode;
  node.attributes.uid = caller.uid;
  node.attributes.gid = caller.gid;
  nodes_.at(parent).children.emplace(name, id);
  return node;
}

Result<NodeEntry> FakeFileSystem::MakeEntry(const Caller& caller, NodeId parent, std::string_view name, mode_t mode,
                                            std::string_view content) {
  const MutexLock lock(mutex_);
  if (nodes_.at(parent).children.contains(name)) return Fail(ErrorCode::kAlreadyExists, "exists");
  NodeId id{};
  MakeLocked(parent, name, mode, caller, id).content = content;
  return EntryLocked(id);
}

Result<NodeEntry> FakeFileSystem::Lookup(const OpContext& context, NodeId parent, std::string_view name) {
  if (name.starts_with("slow-lookup")) RETURN_IF_ERROR(PassGate(context, name));
  const MutexLock lock(mutex_);
  const auto& children = nodes_.at(parent).children;
  const auto found = children.find(name);
  if (found == children.end()) return Fail(ErrorCode::kNotFound, "no such name");
  return EntryLocked(found->second);
}

void FakeFileSystem::Forget(NodeId node, uint64_t count) {
  const MutexLock lock(mutex_);
  nodes_.at(node).lookups -= count;
}

Result<TimedAttributes> FakeFileSystem::GetAttributes(const OpContext& /*context*/, NodeId node) {
  const MutexLock lock(mutex_);
  return AttributesLocked(node);
}

Result<TimedAttributes> FakeFileSystem::SetAttributes(const OpContext& /*context*/, const Caller& /*caller*/,
                                                      NodeId node, std::optional<HandleId> /*handle*/,
                                                      const AttributeChange& change) {
  const MutexLock lock(mutex_);
  Node& target = nodes_.at(node);
  FileAttributes& attributes = target.attributes;
  if (change.permissions) attributes.mode = (attributes.mode & S_IFMT) | *change.permissions;
  attributes.uid = change.uid.value_or(attributes.uid);
  attributes.gid = change.gid.value_or(attributes.gid);
  if (change.size) target.content.resize(*change.size);
  attributes.access_time = change.access_time.value_or(attributes.access_time);
  attributes.modification_time = change.modification_time.value_or(attributes.modification_time);
  return AttributesLocked(node);
}

Result<std::string> FakeFileSystem::ReadLink(const OpContext& /*context*/, NodeId node) {
  const MutexLock lock(mutex_);
  return nodes_.at(node).content;
}

Result<std::string> FakeFileSystem::GetExtendedAttribute(const OpContext& /*context*/, NodeId node,
                                                         std::string_view name) {
  const MutexLock lock(mutex_);
  ++attribute_reads_;
  const ExtendedAttributes& extended = nodes_.at(node).extended;
  const auto found = extended.find(name);
  if (found == extended.end()) return Fail(ErrorCode::kNoAttribute, "no such attribute");
  return found->second;
}

Result<> FakeFileSystem::SetExtendedAttribute(const OpContext& /*context*/, NodeId node, std::string_view name,
                                              std::string_view value, ExtendedAttributeMode mode) {
  const MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(nodes_.at(node).extended, WithAttribute(nodes_.at(node).extended, name, value, mode));
  return {};
}

Result<std::vector<std::string>> FakeFileSystem::ListExtendedAttributes(const OpContext& /*context*/,
                                                                        const Caller& caller, NodeId node) {
  const MutexLock lock(mutex_);
  return VisibleNames(nodes_.at(node).extended, caller.uid == 0);
}

Result<> FakeFileSystem::RemoveExtendedAttribute(const OpContext& /*context*/, NodeId node, std::string_view name) {
  const MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(nodes_.at(node).extended, WithoutAttribute(nodes_.at(node).extended, name));
  return {};
}

Result<NodeEntry> FakeFileSystem::MakeNode(const OpContext& /*context*/, const Caller& caller, NodeId parent,
                                           std::string_view name, mode_t mode, dev_t /*device*/) {
  return MakeEntry(caller, parent, name, mode, {});
}

Result<NodeEntry> FakeFileSystem::MakeDirectory(const OpContext& /*context*/, const Caller& caller, NodeId parent,
                                                std::string_view name, mode_t mode) {
  return MakeEntry(caller, parent, name, S_IFDIR | (mode & 07777), {});
}

Result<NodeEntry> FakeFileSystem::MakeSymbolicLink(const OpContext& /*context*/, const Caller& caller, NodeId parent,
                                                   std::string_view name, std::string_view target) {
  return MakeEntry(caller, parent, name, S_IFLNK | 0777, target);
}

Result<> FakeFileSystem::Remove(NodeId parent, std::string_view name) {
  const MutexLock lock(mutex_);
  auto& children = nodes_.at(parent).children;
  const auto found = children.find(name);
  if (found == children.end()) return Fail(ErrorCode::kNotFound, "no such name");
  if (!nodes_.at(found->second).children.empty()) return Fail(ErrorCode::kNotEmpty, "not empty");
  children.erase(found);
  return {};
}

Result<> FakeFileSystem::Unlink(const OpContext& /*context*/, NodeId parent, std::string_view name) {
  return Remove(parent, name);
}

Result<> FakeFileSystem::RemoveDirectory(const OpContext& /*context*/, NodeId parent, std::string_view name) {
  return Remove(parent, name);
}

Result<> FakeFileSystem::Rename(const OpContext& /*context*/, NodeId parent, std::string_view name, NodeId new_parent,
                                std::string_view new_name, bool no_replace) {
  const MutexLock lock(mutex_);
  auto& from = nodes_.at(parent).children;
  const auto found = from.find(name);
  if (found == from.end()) return Fail(ErrorCode::kNotFound, "no such name");
  const NodeId id = found->second;
  auto& to = nodes_.at(new_parent).children;
  if (no_replace && to.contains(new_name)) return Fail(ErrorCode::kAlreadyExists, "exists");
  from.erase(found);
  to.insert_or_assign(std::string(new_name), id);
  return {};
}

Result<OpenedFile> FakeFileSystem::Open(const OpContext& /*context*/, const Caller& /*caller*/, NodeId node,
                                        int flags) {
  const MutexLock lock(mutex_);
  Node& target = nodes_.at(node);
  if ((flags & O_TRUNC) != 0) target.content.clear();
  const HandleId handle{next_handle_++};
  handles_[handle] = node;
  return OpenedFile{.handle = handle, .keep_pages = true, .direct = target.name.starts_with("direct")};
}

Result<CreatedFile> FakeFileSystem::Create(const OpContext& context, const Caller& caller, NodeId parent,
                                           std::string_view name, mode_t mode, int flags) {
  if (name.starts_with("late")) RETURN_IF_ERROR(PassGate(context, name));
  ASSIGN_OR_RETURN(const NodeEntry entry, MakeEntry(caller, parent, name, S_IFREG | (mode & 07777), {}));
  ASSIGN_OR_RETURN(const OpenedFile file, Open(context, caller, entry.node, flags));
  return CreatedFile{entry, file};
}

Result<size_t> FakeFileSystem::Read(const OpContext& context, HandleId handle, ByteCount offset,
                                    std::span<std::byte> out) {
  std::string name;
  {
    const MutexLock lock(mutex_);
    name = nodes_.at(handles_.at(handle)).name;
  }
  RETURN_IF_ERROR(PassGate(context, name));
  const MutexLock lock(mutex_);
  const std::string& content = nodes_.at(handles_.at(handle)).content;
  if (offset >= content.size()) return 0;
  const size_t size = std::min<size_t>(out.size(), content.size() - offset);
  std::memcpy(out.data(), content.data() + offset, size);
  return size;
}

Result<> FakeFileSystem::Write(const OpContext& /*context*/, HandleId handle, ByteCount offset,
                               std::span<const std::byte> data) {
  const MutexLock lock(mutex_);
  ++writes_;
  Node& node = nodes_.at(handles_.at(handle));
  node.dirty = true;
  node.content.resize(std::max<size_t>(node.content.size(), offset + data.size()));
  std::memcpy(node.content.data() + offset, data.data(), data.size());
  return {};
}

Result<> FakeFileSystem::Allocate(const OpContext& /*context*/, HandleId handle, int mode, ByteRange range) {
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0) {
    return Fail(ErrorCode::kUnsupported, "no such mode");
  }
  const MutexLock lock(mutex_);
  std::string& content = nodes_.at(handles_.at(handle)).content;
  if ((mode & FALLOC_FL_KEEP_SIZE) == 0) content.resize(std::max<size_t>(content.size(), range.end()));
  if ((mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) == 0) return {};
  const ByteRange part = range.Intersect({0, content.size()});
  std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(part.offset), part.length, '\0');
  return {};
}

Result<std::optional<ByteCount>> FakeFileSystem::Seek(const OpContext& /*context*/, HandleId handle, SeekTarget target,
                                                      ByteCount offset) {
  const MutexLock lock(mutex_);
  const std::string& content = nodes_.at(handles_.at(handle)).content;
  if (offset >= content.size()) return std::nullopt;
  if (target == SeekTarget::kHole) return std::min(content.find('\0', offset), content.size());
  const size_t data = content.find_first_not_of('\0', offset);
  return data == std::string::npos ? std::nullopt : std::optional<ByteCount>(data);
}

Result<ByteCount> FakeFileSystem::CopyRange(const OpContext& /*context*/, HandleId from_handle, ByteCount from,
                                            HandleId to_handle, ByteCount to, ByteCount length) {
  const MutexLock lock(mutex_);
  const std::string& source = nodes_.at(handles_.at(from_handle)).content;
  if (from >= source.size()) return ByteCount{0};
  const std::string bytes = source.substr(from, length);
  Node& target = nodes_.at(handles_.at(to_handle));
  target.content.resize(std::max<size_t>(target.content.size(), to + bytes.size()));
  target.content.replace(to, bytes.size(), bytes);
  target.attributes.size = target.content.size();
  target.dirty = true;
  return ByteCount{bytes.size()};
}

Result<> FakeFileSystem::Flush(const OpContext& context, HandleId handle, bool wait) {
  std::string name;
  {
    const MutexLock lock(mutex_);
    Node& node = nodes_.at(handles_.at(handle));
    if (!node.dirty) return {};
    if (!wait) {
      ++hurried_flushes_;
      return {};
    }
    if (context.may_wait()) ++waiting_flushes_begun_;
    name = node.name;
  }
  RETURN_IF_ERROR(PassGate(context, name));
  const MutexLock lock(mutex_);
  nodes_.at(handles_.at(handle)).dirty = false;
  return {};
}

Result<> FakeFileSystem::Fsync(const OpContext& context, HandleId handle) { return Flush(context, handle, true); }

void FakeFileSystem::Release(HandleId handle) {
  const MutexLock lock(mutex_);
  handles_.erase(handle);
}

Result<HandleId> FakeFileSystem::OpenDirectory(const OpContext& /*context*/, NodeId node) {
  const MutexLock lock(mutex_);
  const HandleId handle{next_handle_++};
  handles_[handle] = node;
  return handle;
}

Result<> FakeFileSystem::ReadDirectory(const OpContext& /*context*/, HandleId handle, uint64_t offset,
                                       bool with_attributes, const DirectoryEntrySink& sink) {
  const MutexLock lock(mutex_);
  uint64_t position = 0;
  for (const auto& [name, id] : nodes_.at(handles_.at(handle)).children) {
    if (position++ < offset) continue;
    DirectoryEntry entry;
    entry.name = name;
    entry.inode = nodes_.at(id).attributes.inode;
    entry.next_offset = position;
    if (!name.starts_with("hidden")) {
      entry.type = nodes_.at(id).attributes.mode & S_IFMT;
      if (with_attributes) entry.entry = EntryLocked(id);
    }
    if (sink(entry)) continue;
    if (entry.entry) --nodes_.at(id).lookups;
    break;
  }
  return {};
}

Result<> FakeFileSystem::FsyncDirectory(const OpContext& /*context*/, HandleId /*handle*/) { return {}; }

void FakeFileSystem::ReleaseDirectory(HandleId handle) { Release(handle); }

Result<FileSystemStatistics> FakeFileSystem::StatFs(const OpContext& /*context*/) {
  return FileSystemStatistics{
      .block_size = 4096, .blocks = 1000, .free_blocks = 500, .files = 100, .free_files = 50, .name_limit = 255};
}

void FakeFileSystem::SetPhase(MountPhase /*phase*/) {}

void FakeFileSystem::AddFile(const std::string& name, std::string content, mode_t permissions) {
  const MutexLock lock(mutex_);
  NodeId id{};
  MakeLocked(NodeId::kRoot, name, S_IFREG | permissions, Caller{}, id).content = std::move(content);
}

void FakeFileSystem::OpenGate() {
  const MutexLock lock(mutex_);
  gate_open_ = true;
  changed_.NotifyAll();
}

void FakeFileSystem::SetLifetime(Duration lifetime) {
  const MutexLock lock(mutex_);
  lifetime_ = lifetime;
}

size_t FakeFileSystem::waiting() const {
  const MutexLock lock(mutex_);
  return waiting_;
}

size_t FakeFileSystem::open_handles() const {
  const MutexLock lock(mutex_);
  return handles_.size();
}

uint64_t FakeFileSystem::lookups_out() const {
  const MutexLock lock(mutex_);
  uint64_t sum = 0;
  for (const auto& [id, node] : nodes_) {
    if (id != NodeId::kRoot) sum += node.lookups;
  }
  return sum;
}

size_t FakeFileSystem::writes() const {
  const MutexLock lock(mutex_);
  return writes_;
}

size_t FakeFileSystem::attribute_reads() const {
  const MutexLock lock(mutex_);
  return attribute_reads_;
}

size_t FakeFileSystem::waiting_flushes_begun() const {
  const MutexLock lock(mutex_);
  return waiting_flushes_begun_;
}

size_t FakeFileSystem::hurried_flushes() const {
  const MutexLock lock(mutex_);
  return hurried_flushes_;
}

std::string FakeFileSystem::Content(const std::string& name) const {
  const MutexLock lock(mutex_);
  const auto& children = nodes_.at(NodeId::kRoot).children;
  const auto found = children.find(name);
  return found == children.end() ? std::string() : nodes_.at(found->second).content;
}

}  // namespace cosfuse
