#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<> BucketFileSystem::Flush(const OpContext& context, HandleId id, bool wait) {
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  // Who only reads does not wait for what others write.
  if (!handle->stores) return {};
  if (wait && parts_.options.close_promises) return storer_.Promise(context, handle->node);
  if (wait) return storer_.Store(context, handle->node);
  storer_.StartStore(handle->node);
  return {};
}

}  // namespace cosfuse
