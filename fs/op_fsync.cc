#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<> BucketFileSystem::Fsync(const OpContext& context, HandleId id) {
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  return storer_.Store(context, handle->node);
}

Result<> BucketFileSystem::FsyncDirectory(const OpContext&, HandleId id) {
  // Changes of names are in the store when their calls return: nothing is pending.
  RETURN_IF_ERROR(parts_.handles.FindDirectory(id));
  return {};
}

}  // namespace cosfuse
