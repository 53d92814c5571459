#include <linux/falloc.h>

#include "fs/bucket_file_system.h"

namespace cosfuse {
namespace {

/// What an allocation or a hole did to the content: true if it is another one now.
Result<bool> Apply(CachedFile& content, int mode, ByteRange range) {
  const bool extend = (mode & FALLOC_FL_KEEP_SIZE) == 0;
  switch (mode) {
    case 0:
    case FALLOC_FL_KEEP_SIZE: return content.Allocate(range, extend);
    case FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE:
    case FALLOC_FL_ZERO_RANGE:
    case FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE: return content.Zero(range, extend);
    default: return Fail(ErrorCode::kUnsupported, "an object cannot be changed that way");
  }
}

}  // namespace

Result<> BucketFileSystem::Allocate(const OpContext& context, HandleId id, int mode, ByteRange range) {
  RETURN_IF_ERROR(CheckMayContinue());
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  if (!handle->writable) return Fail(ErrorCode::kBadHandle, "not open for writing");
  if (range.empty()) return Fail(ErrorCode::kInvalidArgument, "a range of no bytes");
  CachedFile& content = *handle->content;
  auto changed = Apply(content, mode, range);
  while (!changed && changed.error().code() == ErrorCode::kWouldWait) {
    RETURN_IF_ERROR(content.PrepareWrite(context, range));
    changed = Apply(content, mode, range);
  }
  if (!changed) return Fail(changed.error());
  if (!*changed) return {};
  const WallTime now = parts_.clock.WallNow();
  MutexLock lock(handle->node->mutex);
  handle->node->state().attributes.modification_time = now;
  handle->node->state().attributes.change_time = now;
  return {};
}

}  // namespace cosfuse
