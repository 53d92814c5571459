#include "fs/bucket_file_system.h"

#include <bit>
#include <utility>

#include "cos/limits.h"
#include "fs/attribute_change.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"
#include "fs/kept_listing.h"
#include "fs/names.h"

namespace cosfuse {

namespace {

/// So many names more or less in a kept listing do not matter.
constexpr size_t kLeastRecount = 16;

}  // namespace

std::unique_ptr<FileSystem> MakeFileSystem(FileSystemOptions options, ObjectStore& store, FileCache& cache,
                                           Clock& clock, Journal* journal) {
  return std::make_unique<BucketFileSystem>(std::move(options), store, cache, clock, journal);
}

BucketFileSystem::BucketFileSystem(FileSystemOptions options, ObjectStore& store, FileCache& cache, Clock& clock,
                                   Journal* journal)
    : remaining_(store, removed_, clock),
      parts_(std::move(options), remaining_, cache, clock),
      moves_(parts_, journal),
      removals_(parts_, store, removed_, journal) {}

BucketFileSystem::~BucketFileSystem() {
  moves_.Stop();
  removals_.Stop();
  parts_.gate.Close();
  // Its tasks use the members that are destroyed before it.
  parts_.pool.Join();
}

Result<> BucketFileSystem::CheckMayChange() const {
  if (parts_.options.access == AccessMode::kReadOnly) return Fail(ErrorCode::kReadOnly, "the mount is read-only");
  if (parts_.phase != MountPhase::kServing) return Fail(ErrorCode::kReadOnly, "the mount is shutting down");
  return {};
}

Result<> BucketFileSystem::CheckMayContinue() const {
  if (parts_.phase == MountPhase::kReadOnly) return Fail(ErrorCode::kReadOnly, "the mount is shutting down");
  return {};
}

Result<NodeRef> BucketFileSystem::FindNode(NodeId id) {
  NodeRef node = parts_.nodes.Find(id);
  if (node == nullptr) return Fail(ErrorCode::kStale, "no such node");
  return node;
}

Result<DirectoryRef> BucketFileSystem::FindDirectory(NodeId id) {
  ASSIGN_OR_RETURN(const NodeRef node, FindNode(id));
  if (node->AsDirectory() == nullptr) return Fail(ErrorCode::kNotDirectory, "not a directory");
  return std::static_pointer_cast<DirectoryNode>(node);
}

Result<FileRef> BucketFileSystem::FindFile(NodeId id) {
  ASSIGN_OR_RETURN(const NodeRef node, FindNode(id));
  if (node->AsFile() == nullptr) return Fail(ErrorCode::kIsDirectory, "a directory");
  return std::static_pointer_cast<FileNode>(node);
}

Result<ObjectKey> BucketFileSystem::KeyForNew(const DirectoryNode& parent, std::string_view name) {
  if (name.size() > kMaxNameLength) return Fail(ErrorCode::kNameTooLong, "a name of more than 255 bytes");
  const auto meaning = ParseName(name);
  if (!meaning || meaning->beside_directory) {
    return Fail(ErrorCode::kInvalidArgument,
                std::string(name) + ": the name is reserved (docs/SEMANTICS.md, \"Names\")");
  }
  auto key = parts_.nodes.KeyOfChild(parent, name);
  if (!key) return Fail(ErrorCode::kNotFound, "the directory is gone");
  if (key->size() > kMaxKeyBytes) return Fail(ErrorCode::kNameTooLong, "a key of more than 1024 bytes");
  return *std::move(key);
}

PosixAttributes BucketFileSystem::AttributesForNew(const Caller& caller, mode_t mode, const DirectoryRef& parent) {
  const WallTime now = parts_.clock.WallNow();
  MutexLock lock(parent->mutex);
  return NewAttributes(caller, mode, parent->state().attributes, now);
}

Result<std::optional<NodeRef>> BucketFileSystem::FindTarget(const OpContext& context, const DirectoryRef& parent,
                                                            std::string_view name) {
  return resolver_.ResolveIfPresent(context, parent, name, parts_.operation_tolerance());
}

TimedAttributes BucketFileSystem::Describe(const NodeRef& node) {
  const MonotonicTime now = parts_.clock.Now();
  const Duration ttl = parts_.options.ttl;
  TimedAttributes timed;
  if (FileNode* const file = node->AsFile()) {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    timed.attributes = ToFileAttributes(state, node->inode());
    // An open file shows its own version whatever the name leads to by now; so does one that only this mount knows.
    const bool ours = state.handles > 0 || state.local_authority() || parts_.write_only();
    timed.lifetime = ours ? ttl : RemainingLifetime(state.evidence, now, ttl);
    state.attributes_lent = timed.lifetime > Duration(0);
  } else {
    DirectoryNode* const directory = node->AsDirectory();
    MutexLock lock(directory->mutex);
    const DirectoryState& state = directory->state();
    timed.attributes = ToFileAttributes(state, node->inode());
    const bool ours = node->id() == NodeId::kRoot || parts_.write_only();
    timed.lifetime = ours ? ttl : RemainingLifetime(state.attributes_evidence, now, ttl);
  }
  return timed;
}

NodeEntry BucketFileSystem::MakeEntry(const NodeRef& node) {
  NodeEntry entry = DescribeEntry(node);
  parts_.nodes.AddLookup(*node);
  return entry;
}

NodeEntry BucketFileSystem::DescribeEntry(const NodeRef& node) {
  NodeEntry entry;
  entry.node = node->id();
  entry.attributes = Describe(node);
  entry.name_lifetime = entry.attributes.lifetime;
  if (parts_.write_only()) return entry;
  const MonotonicTime now = parts_.clock.Now();
  const Duration ttl = parts_.options.ttl;
  if (FileNode* const file = node->AsFile()) {
    MutexLock lock(file->mutex);
    if (!file->state().local_authority()) entry.name_lifetime = RemainingLifetime(file->state().evidence, now, ttl);
  } else {
    DirectoryNode* const directory = node->AsDirectory();
    MutexLock lock(directory->mutex);
    entry.name_lifetime = RemainingLifetime(directory->state().evidence, now, ttl);
  }
  return entry;
}

void BucketFileSystem::Record(const DirectoryRef& directory, std::string_view name,
                              std::optional<ListedName> now_listed) {
  const WallTime now = parts_.clock.WallNow();
  size_t listed = 0;
  {
    MutexLock lock(directory->mutex);
    RecordName(directory->state(), name, std::move(now_listed), now);
    listed = CountListed(directory->state());
  }
  // What it costs is counted again whenever it has doubled.
  if (listed >= kLeastRecount && std::has_single_bit(listed)) KeepListing(parts_, directory, listed);
}

Result<ETag> BucketFileSystem::StoreNew(const OpContext& context, const DirectoryRef& parent, const ObjectKey& key,
                                        std::string_view body, const ObjectMetadata& metadata) {
  ASSIGN_OR_RETURN(const auto hold, parts_.gate.EnterShared(context, key));
  auto etag = storer_.PutNew(context, key, body, metadata);
  // What is known of the directory is not so.
  if (!etag && etag.error().code() == ErrorCode::kAlreadyExists) RecordForeign(parent);
  return etag;
}

void BucketFileSystem::SetPhase(MountPhase phase) { parts_.phase = phase; }

size_t BucketFileSystem::open_writers() const { return parts_.handles.writers(); }

}  // namespace cosfuse
