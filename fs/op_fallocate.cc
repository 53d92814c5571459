#include <linux/falloc.h>

#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<> BucketFileSystem::Allocate(const OpContext&, HandleId id, int mode, ByteRange range) {
  RETURN_IF_ERROR(CheckMayContinue());
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  if (!handle->writable) return Fail(ErrorCode::kBadHandle, "not open for writing");
  if (range.empty()) return Fail(ErrorCode::kInvalidArgument, "a range of no bytes");
  const bool extend = (mode & FALLOC_FL_KEEP_SIZE) == 0;
  bool changed = false;
  switch (mode) {
    case 0:
    case FALLOC_FL_KEEP_SIZE: {
      ASSIGN_OR_RETURN(changed, handle->content->Allocate(range, extend));
      break;
    }
    case FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE:
    case FALLOC_FL_ZERO_RANGE:
    case FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE: {
      ASSIGN_OR_RETURN(changed, handle->content->Zero(range, extend));
      break;
    }
    default: return Fail(ErrorCode::kUnsupported, "an object cannot be changed that way");
  }
  if (!changed) return {};
  const WallTime now = parts_.clock.WallNow();
  MutexLock lock(handle->node->mutex);
  handle->node->state().attributes.modification_time = now;
  handle->node->state().attributes.change_time = now;
  return {};
}

}  // namespace cosfuse
