#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<std::optional<ByteCount>> BucketFileSystem::Seek(const OpContext&, HandleId id, SeekTarget target,
                                                        ByteCount offset) {
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  return target == SeekTarget::kData ? handle->content->FindData(offset) : handle->content->FindHole(offset);
}

}  // namespace cosfuse
