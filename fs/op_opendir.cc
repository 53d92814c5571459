#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<HandleId> BucketFileSystem::OpenDirectory(const OpContext&, NodeId id) {
  ASSIGN_OR_RETURN(const DirectoryRef directory, FindDirectory(id));
  return parts_.handles.Add(std::make_shared<DirectoryStream>(directory));
}

void BucketFileSystem::ReleaseDirectory(HandleId id) { parts_.handles.RemoveDirectory(id); }

}  // namespace cosfuse
