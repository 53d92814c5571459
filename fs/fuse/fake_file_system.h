#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "fs/file_system.h"

namespace cosfuse {

/// A file system in memory for tests of what carries its calls. What a name begins with says how it behaves, while its
/// gate is closed:
///
///   slow…    its lookup, its reads and its flushes need the store, which does not answer
///   late…    its create needs the store and succeeds although it was cancelled meanwhile
///   direct…  its handles bypass the page cache ("direct-slow…" is slow as well)
///   hidden…  it is listed without type and attributes
///
/// Everything else is answered at once. A hole is any run of zero bytes. Counts lookups and handles that are out.
/// Thread-safe.
class FakeFileSystem : public FileSystem {
 public:
  explicit FakeFileSystem(Clock& clock);

  Result<NodeEntry> Lookup(const OpContext& context, NodeId parent, std::string_view name) override;
  void Forget(NodeId node, uint64_t count) override;
  Result<TimedAttributes> GetAttributes(const OpContext& context, NodeId node) override;
  Result<TimedAttributes> SetAttributes(const OpContext& context, const Caller& caller, NodeId node,
                                        std::optional<HandleId> handle, const AttributeChange& change) override;
  Result<std::string> ReadLink(const OpContext& context, NodeId node) override;
  Result<std::string> GetExtendedAttribute(const OpContext& context, NodeId node, std::string_view name) override;
  Result<> SetExtendedAttribute(const OpContext& context, NodeId node, std::string_view name, std::string_view value,
                                ExtendedAttributeMode mode) override;
  Result<std::vector<std::string>> ListExtendedAttributes(const OpContext& context, const Caller& caller,
                                                          NodeId node) override;
  Result<> RemoveExtendedAttribute(const OpContext& context, NodeId node, std::string_view name) override;
  Result<NodeEntry> MakeNode(const OpContext& context, const Caller& caller, NodeId parent, std::string_view name,
                             mode_t mode, dev_t device) override;
  Result<NodeEntry> MakeDirectory(const OpContext& context, const Caller& caller, NodeId parent, std::string_view name,
                                  mode_t mode) override;
  Result<NodeEntry> MakeSymbolicLink(const OpContext& context, const Caller& caller, NodeId parent,
                                     std::string_view name, std::string_view target) override;
  Result<> Unlink(const OpContext& context, NodeId parent, std::string_view name) override;
  Result<> RemoveDirectory(const OpContext& context, NodeId parent, std::string_view name) override;
  Result<> Rename(const OpContext& context, NodeId parent, std::string_view name, NodeId new_parent,
                  std::string_view new_name, bool no_replace) override;
  Result<OpenedFile> Open(const OpContext& context, const Caller& caller, NodeId node, int flags) override;
  Result<CreatedFile> Create(const OpContext& context, const Caller& caller, NodeId parent, std::string_view name,
                             mode_t mode, int flags) override;
  Result<size_t> Read(const OpContext& context, HandleId handle, ByteCount offset, std::span<std::byte> out) override;
  Result<> Write(const OpContext& context, HandleId handle, ByteCount offset, std::span<const std::byte> data) override;
  Result<> Allocate(const OpContext& context, HandleId handle, int mode, ByteRange range) override;
  Result<std::optional<ByteCount>> Seek(const OpContext& context, HandleId handle, SeekTarget target,
                                        ByteCount offset) override;
  Result<ByteCount> CopyRange(const OpContext& context, HandleId from_handle, ByteCount from, HandleId to_handle,
                              ByteCount to, ByteCount length) override;
  Result<> Flush(const OpContext& context, HandleId handle, bool wait) override;
  Result<> Fsync(const OpContext& context, HandleId handle) override;
  void Release(HandleId handle) override;
  Result<HandleId> OpenDirectory(const OpContext& context, NodeId node) override;
  Result<> ReadDirectory(const OpContext& context, HandleId handle, uint64_t offset, bool with_attributes,
                         const DirectoryEntrySink& sink) override;
  Result<> FsyncDirectory(const OpContext& context, HandleId handle) override;
  void ReleaseDirectory(HandleId handle) override;
  Result<FileSystemStatistics> StatFs(const OpContext& context) override;
  void SetPhase(MountPhase phase) override;
  Result<> StoreLeftAttributes(const OpContext& /*context*/) override { return {}; }

  /// Makes a file in the root, as another client of the bucket would.
  void AddFile(const std::string& name, std::string content, mode_t permissions = 0644);
  /// The store answers again; what waits goes on.
  void OpenGate();
  /// How long names and attributes last in the kernel. Zero by default: every call arrives here.
  void SetLifetime(Duration lifetime);

  /// What has happened. Waiting: calls that stand before the gate now.
  size_t waiting() const;
  size_t open_handles() const;
  /// Lookups of all nodes that the kernel has not given back.
  uint64_t lookups_out() const;
  size_t writes() const;
  /// Calls of getxattr.
  size_t attribute_reads() const;
  size_t waiting_flushes_begun() const;
  size_t hurried_flushes() const;
  std::string Content(const std::string& name) const;

 private:
  struct Node {
    FileAttributes attributes;
    std::string name;
    std::string content;
    ExtendedAttributes extended;
    std::map<std::string, NodeId, std::less<>> children;
    uint64_t lookups = 0;
    bool dirty = false;
  };

  Result<> PassGate(const OpContext& context, std::string_view name) EXCLUDES(mutex_);
  Node& MakeLocked(NodeId parent, std::string_view name, mode_t mode, const Caller& caller, NodeId& id)
      REQUIRES(mutex_);
  Result<NodeEntry> MakeEntry(const Caller& caller, NodeId parent, std::string_view name, mode_t mode,
                              std::string_view content) EXCLUDES(mutex_);
  NodeEntry EntryLocked(NodeId id) REQUIRES(mutex_);
  TimedAttributes AttributesLocked(NodeId id) const REQUIRES(mutex_);
  Result<> Remove(NodeId parent, std::string_view name) EXCLUDES(mutex_);

  Clock& clock_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool gate_open_ GUARDED_BY(mutex_) = false;
  Duration lifetime_ GUARDED_BY(mutex_){0};
  uint64_t next_node_ GUARDED_BY(mutex_) = 2;
  uint64_t next_handle_ GUARDED_BY(mutex_) = 1;
  std::map<NodeId, Node> nodes_ GUARDED_BY(mutex_);
  std::map<HandleId, NodeId> handles_ GUARDED_BY(mutex_);
  size_t waiting_ GUARDED_BY(mutex_) = 0;
  size_t writes_ GUARDED_BY(mutex_) = 0;
  size_t attribute_reads_ GUARDED_BY(mutex_) = 0;
  size_t waiting_flushes_begun_ GUARDED_BY(mutex_) = 0;
  size_t hurried_flushes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace cosfuse
