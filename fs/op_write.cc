#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<> BucketFileSystem::Write(const OpContext&, HandleId id, ByteCount offset, std::span<const std::byte> data) {
  RETURN_IF_ERROR(CheckMayContinue());
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  if (!handle->writable) return Fail(ErrorCode::kBadHandle, "not open for writing");
  if (handle->append) {
    RETURN_IF_ERROR(handle->content->Append(data));
  } else {
    RETURN_IF_ERROR(handle->content->Write(offset, data));
  }
  const WallTime now = parts_.clock.WallNow();
  MutexLock lock(handle->node->mutex);
  handle->node->state().attributes.modification_time = now;
  handle->node->state().attributes.change_time = now;
  return {};
}

}  // namespace cosfuse
