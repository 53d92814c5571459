#include <sys/stat.h>

#include "cos/limits.h"
#include "fs/bucket_file_system.h"
#include "fs/content_type.h"
#include "fs/directory_state.h"
#include "fs/kept_listing.h"

namespace cosfuse {

Result<NodeEntry> BucketFileSystem::MakeDirectory(const OpContext& context, const Caller& caller, NodeId parent,
                                                  std::string_view name, mode_t mode) {
  RETURN_IF_ERROR(CheckMayChange());
  ASSIGN_OR_RETURN(const DirectoryRef directory, FindDirectory(parent));
  ASSIGN_OR_RETURN(const auto present, FindTarget(context, directory, name));
  if (present) return Fail(ErrorCode::kAlreadyExists, std::string(name) + ": the name exists");
  ASSIGN_OR_RETURN(const ObjectKey file_key, KeyForNew(*directory, name));
  const ObjectKey key = file_key + '/';
  if (key.size() > kMaxKeyBytes) return Fail(ErrorCode::kNameTooLong, "a key of more than 1024 bytes");

  const PosixAttributes attributes = AttributesForNew(caller, S_IFDIR | (mode & 07777), directory);
  ObjectMetadata metadata;
  metadata.content_type = kDirectoryContentType;
  EncodeAttributes(attributes, metadata);
  Evidence empty_at;
  {
    MutexLock lock(directory->mutex);
    empty_at = AbsentAt(directory->state(), name);
  }
  const Result<ETag> etag = StoreNew(context, directory, key, {}, metadata);
  const bool exists = !etag && etag.error().code() == ErrorCode::kAlreadyExists;
  if (!etag && !(exists && parts_.write_only())) return Fail(etag.error());
  DirectoryState state = NewDirectoryState(parts_.defaults, attributes.modification_time, parts_.clock.Now());
  if (etag) {
    state.attributes = attributes;
    state.times_are_ours = true;
    LearnOwnMarker(state, metadata, *etag, parts_.clock.Now());
    // When there was no such name there was nothing below it either.
    if (empty_at && !parts_.write_only()) RecordEmpty(state, *empty_at);
  }
  const DirectoryRef made = parts_.nodes.AddDirectory(*directory, name, nullptr, std::move(state));
  if (made != nullptr) RememberWritten(made);
  if (made != nullptr && !parts_.write_only()) KeepListing(parts_, made, 0);
  // A drop box learns from the refusal that the directory is there.
  if (exists || made == nullptr) return Fail(ErrorCode::kAlreadyExists, std::string(name) + ": the name exists");
  Record(directory, name, ListedName{.name = std::string(name), .is_directory = true});
  return MakeEntry(made);
}

}  // namespace cosfuse
