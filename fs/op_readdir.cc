#include <sys/stat.h>

#include "fs/attribute_change.h"
#include "fs/bucket_file_system.h"
#include "fs/file_state.h"
#include "fs/kept_listing.h"

namespace cosfuse {
namespace {

/// `.` and `..` come first.
constexpr uint64_t kDots = 2;
/// An object up to this size may be a symbolic link or another thing that only its metadata tells.
constexpr ByteCount kMostLinkBytes = 4096;
/// Beyond so many nodes a listing makes no further ones: a million directories would take a gigabyte.
constexpr size_t kMostNodesByListing = 32'768;

/// Listing moves the access time, in memory.
void MarkListed(DirectoryNode& directory, WallTime now) {
  MutexLock lock(directory.mutex);
  DirectoryState& state = directory.state();
  PosixAttributes shown = state.attributes;
  shown.access_time = state.listed_at.value_or(shown.access_time);
  if (MovesAccessTime(shown, now)) state.listed_at = now;
}

}  // namespace

Result<> BucketFileSystem::ReadDirectory(const OpContext& context, HandleId id, uint64_t offset, bool with_attributes,
                                         const DirectoryEntrySink& sink) {
  ASSIGN_OR_RETURN(const auto stream, parts_.handles.FindDirectory(id));
  const DirectoryRef& directory = stream->node();
  const auto key = parts_.nodes.KeyOf(*directory);
  if (offset == 0) {
    RETURN_IF_ERROR(stream->Rewind(context, parts_.clock));
    MarkListed(*directory, parts_.clock.WallNow());
  }
  for (uint64_t position = offset;; ++position) {
    DirectoryEntry entry;
    NodeRef node;
    if (position < kDots) {
      entry.name = position == 0 ? "." : "..";
      entry.inode = position == 0 ? directory->inode() : parts_.nodes.InodeOfParent(*directory);
      entry.type = S_IFDIR;
    } else {
      if (!key) return {};  // Removed while it was open: empty.
      ASSIGN_OR_RETURN(const auto listed, stream->Get(context, SourceOf(directory, *key), position - kDots));
      if (!listed) return {};
      entry = DescribeListed(directory, *listed, stream->listed_at(), with_attributes, node);
    }
    entry.next_offset = position + 1;
    if (!sink(entry)) return {};
    if (node != nullptr) parts_.nodes.AddLookup(*node);
  }
}

DirectorySource BucketFileSystem::SourceOf(const DirectoryRef& directory, ObjectKey key) {
  return {.store = parts_.store,
          .clock = parts_.clock,
          .pool = parts_.pool,
          .ttl = parts_.options.ttl,
          .key = std::move(key),
          .local_names = [this, directory] { return LocalNames(directory); },
          .ask_store = !parts_.write_only(),
          .on_old_marker =
              [this, directory](const std::string& name, const ObjectInfo& info, MonotonicTime at) {
                // The kernel looks the others up by itself, if anybody wants to know.
                const bool many = parts_.nodes.size() >= kMostNodesByListing;
                return many ? nullptr : resolver_.AdoptOldMarker(directory, name, info, at);
              },
          .on_kept = [this, directory](size_t names) { KeepListing(parts_, directory, names); }};
}

std::vector<ListedName> BucketFileSystem::LocalNames(const DirectoryRef& directory) {
  std::vector<ListedName> names;
  for (const NodeRef& child : parts_.nodes.Children(*directory)) {
    const auto place = parts_.nodes.Locate(*child);
    if (!place) continue;
    if (FileNode* const file = child->AsFile()) {
      MutexLock lock(file->mutex);
      const FileState& state = file->state();
      if (parts_.write_only() || state.local_authority()) names.push_back(ToListedName(state, place->name));
    } else if (parts_.write_only() || parts_.nodes.HoldsUnsent(*child)) {
      names.push_back({.name = place->name, .is_directory = true});
    }
  }
  return names;
}

NodeRef BucketFileSystem::NodeForListed(const DirectoryRef& directory, const ListedName& listed,
                                        const Evidence& listed_at) {
  NodeRef node = parts_.nodes.FindChild(*directory, listed.name);
  if (listed.is_directory && listed_at) {
    // The kernel looks the others up by itself, if anybody wants to know.
    if (node == nullptr && parts_.nodes.size() >= kMostNodesByListing) return nullptr;
    return resolver_.AdoptListedDirectory(directory, listed.name, *listed_at);
  }
  FileNode* const file = node == nullptr ? nullptr : node->AsFile();
  if (file == nullptr) return parts_.write_only() ? node : nullptr;
  MutexLock lock(file->mutex);
  FileState& state = file->state();
  if (state.local_authority() || parts_.write_only()) return node;
  if (!listed_at || !IsProvenBy(state, listed)) return nullptr;
  state.evidence = std::max(state.evidence.value_or(*listed_at), *listed_at);
  return node;
}

DirectoryEntry BucketFileSystem::DescribeListed(const DirectoryRef& directory, const ListedName& listed,
                                                const Evidence& listed_at, bool with_attributes, NodeRef& node) {
  DirectoryEntry entry;
  entry.name = listed.name;
  const NodeRef known = NodeForListed(directory, listed, listed_at);
  if (known != nullptr) {
    NodeEntry described = DescribeEntry(known);
    entry.inode = known->inode();
    entry.type = described.attributes.attributes.mode & S_IFMT;
    if (with_attributes) {
      entry.entry = described;
      node = known;
    }
    return entry;
  }
  entry.inode = parts_.nodes.InodeOfChild(*directory, listed.name);
  if (listed.is_directory) {
    entry.type = S_IFDIR;
  } else if (listed.size > kMostLinkBytes) {
    entry.type = S_IFREG;
  }
  return entry;
}

}  // namespace cosfuse
