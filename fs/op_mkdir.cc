#include <sys/stat.h>

#include "cos/limits.h"
#include "fs/bucket_file_system.h"
#include "fs/content_type.h"
#include "fs/directory_state.h"

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
  Result<ETag> etag = ETag();
  {
    ASSIGN_OR_RETURN(const auto hold, parts_.gate.EnterShared(context, key));
    etag = storer_.PutNew(context, key, {}, metadata);
  }
  const bool exists = !etag && etag.error().code() == ErrorCode::kAlreadyExists;
  if (!etag && !(exists && parts_.write_only())) {
    if (exists) {
      MutexLock lock(directory->mutex);
      directory->state().absences.Remove(name);
    }
    return Fail(std::move(etag).error());
  }
  DirectoryState state = NewDirectoryState(parts_.defaults, attributes.modification_time, parts_.clock.Now());
  if (etag) {
    state.attributes = attributes;
    state.times_are_ours = true;
    LearnOwnMarker(state, metadata, *etag, parts_.clock.Now());
  }
  const DirectoryRef made = parts_.nodes.AddDirectory(*directory, name, nullptr, std::move(state));
  if (made != nullptr) RememberWritten(made);
  // A drop box learns from the refusal that the directory is there.
  if (exists || made == nullptr) return Fail(ErrorCode::kAlreadyExists, std::string(name) + ": the name exists");
  Record(directory, name, ListedName{.name = std::string(name), .is_directory = true});
  return MakeEntry(made);
}

}  // namespace cosfuse
