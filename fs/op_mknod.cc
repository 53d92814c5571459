#include <sys/stat.h>

#include "fs/bucket_file_system.h"
#include "fs/content_type.h"
#include "fs/file_state.h"

namespace cosfuse {

Result<NodeEntry> BucketFileSystem::MakeNode(const OpContext& context, const Caller& caller, NodeId parent,
                                             std::string_view name, mode_t mode, dev_t device) {
  RETURN_IF_ERROR(CheckMayChange());
  ASSIGN_OR_RETURN(const DirectoryRef directory, FindDirectory(parent));
  if ((mode & S_IFMT) == 0) mode |= S_IFREG;
  PosixAttributes attributes = AttributesForNew(caller, mode, directory);
  if (S_ISCHR(mode) || S_ISBLK(mode)) attributes.device = device;
  return MakeObject(context, directory, name, attributes, {});
}

Result<NodeEntry> BucketFileSystem::MakeObject(const OpContext& context, const DirectoryRef& parent,
                                               std::string_view name, const PosixAttributes& attributes,
                                               std::string_view body) {
  ASSIGN_OR_RETURN(const auto present, FindTarget(context, parent, name));
  if (present) return Fail(ErrorCode::kAlreadyExists, std::string(name) + ": the name exists");
  ASSIGN_OR_RETURN(const ObjectKey key, KeyForNew(*parent, name));
  FileState state;
  state.attributes = attributes;
  if (S_ISREG(attributes.mode)) state.metadata.content_type = GuessContentType(name);
  EncodeAttributes(attributes, state.metadata);
  ASSIGN_OR_RETURN(state.etag, StoreNew(context, parent, key, body, state.metadata));
  state.stored_size = body.size();
  state.evidence = parts_.clock.Now();
  if (S_ISLNK(attributes.mode)) state.link_target = body;
  ListedName listed = ToListedName(state, std::string(name));
  const FileRef file = parts_.nodes.AddFile(*parent, name, nullptr, false, std::move(state));
  if (file == nullptr) return Fail(ErrorCode::kAlreadyExists, std::string(name) + ": the name exists");
  Record(parent, name, std::move(listed));
  RememberWritten(file);
  return MakeEntry(file);
}

}  // namespace cosfuse
