#include "fs/bucket_file_system.h"

namespace cosfuse {
namespace {

Result<> AppendTo(CachedFile& content, std::span<const std::byte> data) {
  RETURN_IF_ERROR(content.Append(data));
  return {};
}

}  // namespace

Result<> BucketFileSystem::Write(const OpContext& context, HandleId id, ByteCount offset,
                                 std::span<const std::byte> data) {
  RETURN_IF_ERROR(CheckMayContinue());
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  if (!handle->writable) return Fail(ErrorCode::kBadHandle, "not open for writing");
  if (data.empty()) return {};  // Which changes no time either (POSIX, write).
  CachedFile& content = *handle->content;
  for (;;) {
    const ByteCount begin = handle->append ? content.size() : offset;
    const auto written = handle->append ? AppendTo(content, data) : content.Write(offset, data);
    if (written) break;
    if (written.error().code() != ErrorCode::kWouldWait) return written;
    // Where a rename kept parts from leaving, they make room as soon as it is over.
    if (content.CanStoreEarly()) RETURN_IF_ERROR(storer_.StoreEarly(context, handle->node));
    RETURN_IF_ERROR(content.PrepareWrite(context, {begin, data.size()}));
  }
  // The next write asks again, if a rename is at work now.
  if (content.CanStoreEarly()) static_cast<void>(storer_.StoreEarly(OpContext::Immediate(), handle->node));
  const WallTime now = parts_.clock.WallNow();
  MutexLock lock(handle->node->mutex);
  handle->node->state().attributes.modification_time = now;
  handle->node->state().attributes.change_time = now;
  return {};
}

}  // namespace cosfuse
