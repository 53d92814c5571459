#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<> BucketFileSystem::Fsync(const OpContext& context, HandleId id) {
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  return parts_.options.fsync_promises ? PromiseAtPace(context, handle->node) : storer_.Store(context, handle->node);
}

Result<> BucketFileSystem::FsyncDirectory(const OpContext& context, HandleId id) {
  // Other changes of names are in the store when their calls return; files may have been promised only, by this mount
  // or one before it.
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindDirectory(id));
  const auto key = parts_.nodes.KeyOf(*handle->node());
  if (!key) return {};
  RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
  RETURN_IF_ERROR(storer_.StoreBelow(context, *key));
  return removals_.Flush(context, *key);
}

}  // namespace cosfuse
