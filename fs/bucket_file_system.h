#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fs/directory_move.h"
#include "fs/file_storer.h"
#include "fs/file_system.h"
#include "fs/left_files.h"
#include "fs/name_resolver.h"
#include "fs/open_moves.h"
#include "fs/parts.h"
#include "fs/remaining_store.h"
#include "fs/removal_queue.h"
#include "fs/removed_versions.h"
#include "fs/written_nodes.h"

namespace cosfuse {

/// The FileSystem over a bucket. One file for each operation (op_lookup.cc, op_open.cc, …); what several of them need
/// stands in NameResolver (asking), FileStorer (storing) and below.
///
/// Thread-safe: the state is in Parts, whose tables and nodes have locks of their own (order: fs/node.h).
class BucketFileSystem final : public FileSystem {
 public:
  /// As MakeFileSystem.
  BucketFileSystem(FileSystemOptions options, ObjectStore& store, FileCache& cache, Clock& clock,
                   Journal* journal = nullptr);
  ~BucketFileSystem() override;

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
  void AdoptLeft(const LeftChanges& left) override;
  Result<> StoreLeftAttributes(const OpContext& context) override { return storer_.StoreLeftAttributes(context); }
  Result<> FinishMoves(const OpContext& context) override { return moves_.WaitUntilSettled(context); }
  Result<> FinishRemovals(const OpContext& context) override { return removals_.FlushAll(context); }
  size_t open_writers() const override;

  /// What is held in memory, for tests of leaks.
  size_t nodes() const { return parts_.nodes.size(); }
  size_t handles() const { return parts_.handles.size(); }
  size_t removed_versions() const { return removed_.size(); }

 private:
  // Shared steps: bucket_file_system.cc.

  /// Something new may be changed. Errors: kReadOnly.
  Result<> CheckMayChange() const;
  /// What is open for writing may go on. Errors: kReadOnly.
  Result<> CheckMayContinue() const;
  /// Errors: kStale: no such node (any more); kNotDirectory, kIsDirectory.
  Result<NodeRef> FindNode(NodeId id);
  Result<DirectoryRef> FindDirectory(NodeId id);
  Result<FileRef> FindFile(NodeId id);
  /// The key for something new. Errors: kNameTooLong, kInvalidArgument: the name is reserved for what stands beside a
  /// directory; kNotFound: the directory is gone.
  Result<ObjectKey> KeyForNew(const DirectoryNode& parent, std::string_view name);
  PosixAttributes AttributesForNew(const Caller& caller, mode_t mode, const DirectoryRef& parent);
  /// Whatever has the name now, from what the kernel's lookup right before found.
  Result<std::optional<NodeRef>> FindTarget(const OpContext& context, const DirectoryRef& parent,
                                            std::string_view name);

  TimedAttributes Describe(const NodeRef& node);
  NodeEntry DescribeEntry(const NodeRef& node);
  /// DescribeEntry, and counts one lookup.
  NodeEntry MakeEntry(const NodeRef& node);
  /// A name of ours came or went: the directory follows.
  void Record(const DirectoryRef& directory, std::string_view name, std::optional<ListedName> now_listed);
  /// In a drop box a name is known as long as its node lives.
  void RememberWritten(const NodeRef& node) {
    if (parts_.write_only()) written_.Add(node);
  }

  /// Puts an object where there is none. Errors: kAlreadyExists: somebody else has; ObjectStore's.
  Result<ETag> StoreNew(const OpContext& context, const DirectoryRef& parent, const ObjectKey& key,
                        std::string_view body, const ObjectMetadata& metadata);

  // left_adoption.cc
  void AdoptLeftFile(const LeftFile& left, const LeftPath& path);
  /// Null where another node has the name, or one of those above it.
  FileRef AddLeftNode(const LeftFile& left, const LeftPath& path);

  // Opening: op_open.cc, op_create.cc.
  Result<> ProveVersion(const OpContext& context, const FileRef& file, int flags);
  Result<OpenedFile> OpenHandle(const FileRef& file, int flags);
  /// The content that a new handle works on; the caller holds the node's mutex.
  Result<std::shared_ptr<CachedFile>> ContentForOpen(FileState& state, const std::optional<ObjectKey>& key,
                                                     bool truncate);
  Result<> PrepareContent(CachedFile& content, bool truncate) const;
  Result<CreatedFile> OpenExisting(const OpContext& context, const NodeRef& node, int flags);
  Result<FileRef> CreateFile(const OpContext& context, const DirectoryRef& parent, std::string_view name,
                             const PosixAttributes& attributes, int flags);

  /// A read moves the access time, in memory: op_read.cc.
  void MarkRead(const FileHandle& handle);

  // op_setattr.cc
  Result<> SetFileAttributes(const OpContext& context, const FileRef& file, const std::optional<HandleId>& handle,
                             const AttributeChange& change);
  Result<> SetDirectoryAttributes(const OpContext& context, const DirectoryRef& directory,
                                  const AttributeChange& change);
  Result<> TruncateFile(const OpContext& context, const FileRef& file, const std::optional<HandleId>& handle,
                        ByteCount size);
  Result<> TruncateClosed(const OpContext& context, const FileRef& file, ByteCount size);

  // Changing attributes: attribute_edit.cc.
  /// What becomes of attributes, with the metadata that they are to stand beside. Runs with the node's mutex held.
  using AttributeEdit =
      std::function<Result<PosixAttributes>(const PosixAttributes& present, const ObjectMetadata& metadata)>;
  /// Of a file that is being written with its upload, else by a copy onto itself.
  Result<> EditAttributes(const OpContext& context, const FileRef& file, const AttributeEdit& edit);
  /// In the directory's marker if `stored`, else in memory.
  Result<> EditAttributes(const OpContext& context, const DirectoryRef& directory, bool stored,
                          const AttributeEdit& edit);
  /// Gives the marker of a directory other metadata: over the version `present`, or, where that is empty, over none.
  Result<ETag> StoreMarker(const OpContext& context, const ObjectKey& key, const ETag& present,
                           const ObjectMetadata& metadata);

  // op_xattr.cc
  /// As GetAttributes knows them.
  Result<ExtendedAttributes> FetchExtendedAttributes(const OpContext& context, NodeId id);
  using ExtendedAttributesEdit = std::function<Result<ExtendedAttributes>(const ExtendedAttributes& present)>;
  Result<> EditExtendedAttributes(const OpContext& context, NodeId id, const ExtendedAttributesEdit& edit);

  // op_mknod.cc
  Result<NodeEntry> MakeObject(const OpContext& context, const DirectoryRef& parent, std::string_view name,
                               const PosixAttributes& attributes, std::string_view body);

  // Removing: removal.cc.
  /// Before the last key below a directory goes: writes the marker of one that nothing else implies.
  Result<> EnsureDirectoryStays(const OpContext& context, const DirectoryRef& directory, std::string_view leaving);
  /// Before a file's name goes to another one: what is under way to the store must not arrive later.
  Result<> WaitForUpload(const OpContext& context, const FileRef& file);
  /// Before a file's object goes: what open handles still need of it is made local.
  Result<> KeepBytes(const OpContext& context, const FileRef& file);
  /// After it is gone: the file has no name, and nothing of it is sent any more.
  void Disown(const FileRef& file);
  /// The name is another writer's by now: the file goes on without it, and the next lookup asks the store.
  void LoseName(const DirectoryRef& directory, const FileRef& file);
  /// Others have done something to a name of the directory.
  void RecordForeign(const DirectoryRef& directory);
  /// Deletes the object if it still is that version, or one that an upload of `content` made whose answer was lost.
  /// False: somebody else has put another one there, which stays.
  Result<bool> DeleteVersion(const OpContext& context, const ObjectKey& key, const ETag& etag,
                             const CachedFile* content);
  /// What was asked below the old key says nothing about the moved directory. Call it before the sources go.
  void ForgetAnswersUnderWay(const DirectoryRef& moved);
  /// Unlink, with the key held alone: `hold` may be taken over.
  Result<> UnlinkHeld(const OpContext& context, const DirectoryRef& directory, const FileRef& file,
                      std::string_view name, FileStorer::HeldPlace& held);
  /// What the store may remove a moment later; nothing where the program waits for that.
  std::optional<Removal> RemovalToQueue(const DirectoryRef& directory, const FileRef& file,
                                        std::string_view name) const;
  /// Removes it from the store, now or a moment later. False: somebody else has put another one there, which stays.
  Result<bool> RemoveStored(const OpContext& context, const DirectoryRef& directory, const FileRef& file,
                            std::string_view name, FileStorer::HeldPlace& held);
  /// DeleteVersion of what the file is in the store, without a look where an answer has just shown it: op_unlink.cc.
  Result<bool> DeleteUnlinked(const OpContext& context, const FileRef& file, const ObjectKey& key);
  /// Errors: kNotEmpty, by the bucket.
  Result<> CheckEmpty(const OpContext& context, const DirectoryRef& directory, const ObjectKey& key);

  // Moving: rename_file.cc, rename_directory.cc.
  struct RenameNames {
    DirectoryRef parent;
    std::string name;
    DirectoryRef new_parent;
    std::string new_name;
    bool no_replace = false;
  };
  struct RenameKeys {
    KeyGate::Hold hold;
    ObjectKey from;
    ObjectKey to;
  };
  /// Both keys alone; of directories with the slash.
  Result<RenameKeys> EnterRename(const OpContext& context, const Node& source, const RenameNames& names);
  Result<> RenameFile(const OpContext& context, const FileRef& source, const FileRef& target, const RenameNames& names);
  /// `waits_here`: a close has promised it, and nothing of it goes to the store by itself until the caller says so.
  Result<> MoveFile(const OpContext& context, const FileRef& source, const FileRef& target, const RenameNames& names,
                    const RenameKeys& keys, bool waits_here);
  /// Nothing of the source is in the store: it goes there under its new name, when it is closed, or soon. Errors:
  /// nothing has changed.
  Result<> TakeOverName(const OpContext& context, const FileRef& source, const FileRef& target,
                        const RenameNames& names, const RenameKeys& keys, bool waits_here);
  Result<> StoreHeld(const OpContext& context, const FileRef& file, const ObjectKey& key, const RenameNames& names);
  /// After a move: what the content was to be stored as follows.
  static void RetargetUploads(const FileRef& file, const ObjectKey& key);
  /// After a DELETE that failed: it has been carried out all the same. False also where that cannot be found out.
  bool HasGone(const OpContext& context, const ObjectKey& key, const ETag& etag);
  /// Copies the object, lets open handles follow and removes the source.
  Result<> MoveObject(const OpContext& context, const FileRef& source, const RenameKeys& keys);
  Result<> RenameDirectory(const OpContext& context, const DirectoryRef& source, const DirectoryRef& target,
                           const RenameNames& names);
  /// Both names alone: copies, switches, lets nodes and open handles follow, deletes the sources.
  Result<> MoveTree(const OpContext& context, const DirectoryRef& source, const DirectoryRef& target,
                    const RenameNames& names, const RenameKeys& keys, DirectoryMove& move);
  /// Everything below is in the store, or will go there under the new name.
  Result<> StoreBelow(const OpContext& context, const DirectoryRef& directory);
  void FollowMove(const DirectoryRef& directory, const RenameKeys& keys, const MovedTree& moved);
  void RecordRename(const NodeRef& source, const RenameNames& names);

  // op_flush.cc
  /// A promise that comes the later, the more the store is behind; it waits for room where that is too far behind.
  /// Errors: FileStorer::Promise's; WaitForRoom's: it is not promised, and stays dirty.
  Result<> PromiseAtPace(const OpContext& context, const FileRef& file);
  /// That closes wait for room, or are slowed down; once a minute.
  void WarnOfPace(bool waits) EXCLUDES(pace_mutex_);

  // op_readdir.cc
  std::vector<ListedName> LocalNames(const DirectoryRef& directory);
  DirectorySource SourceOf(const DirectoryRef& directory, ObjectKey key);
  /// `node`: that of the entry's attributes, if it has any.
  DirectoryEntry DescribeListed(const DirectoryRef& directory, const ListedName& listed, const Evidence& listed_at,
                                bool with_attributes, NodeRef& node);
  NodeRef NodeForListed(const DirectoryRef& directory, const ListedName& listed, const Evidence& listed_at);

  RemovedVersions removed_;
  RemainingStore remaining_;
  Parts parts_;
  NameResolver resolver_{parts_};
  FileStorer storer_{parts_};
  WrittenNodes written_;
  OpenMoves moves_;
  RemovalQueue removals_;
  Mutex pace_mutex_;
  MonotonicTime next_warning_ GUARDED_BY(pace_mutex_){};
};

}  // namespace cosfuse
