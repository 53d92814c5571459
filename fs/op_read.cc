#include "fs/attribute_change.h"
#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<size_t> BucketFileSystem::Read(const OpContext& context, HandleId id, ByteCount offset,
                                      std::span<std::byte> out) {
  ASSIGN_OR_RETURN(const auto handle, parts_.handles.FindFile(id));
  if (!handle->readable) return Fail(ErrorCode::kBadHandle, "not open for reading");
  FileHandle::Stream stream = handle->TakeStream();
  const auto read = handle->content->Read(parts_.write_only() ? OpContext::Immediate() : context, *stream, offset, out);
  handle->ReturnStream(std::move(stream));
  if (read) {
    MarkRead(*handle);
    return *read;
  }
  if (parts_.write_only() && read.error().code() == ErrorCode::kWouldWait) {
    return Fail(ErrorCode::kAccessDenied, "a drop box cannot read what it has stored");
  }
  if (read.error().code() == ErrorCode::kStale) {
    // The next lookup must not believe the old version any longer.
    MutexLock lock(handle->node->mutex);
    handle->node->state().evidence.reset();
  }
  return Fail(read.error());
}

void BucketFileSystem::MarkRead(const FileHandle& handle) {
  if (!handle.marks_reads) return;
  const WallTime now = parts_.clock.WallNow();
  MutexLock lock(handle.node->mutex);
  PosixAttributes& attributes = handle.node->state().attributes;
  if (MovesAccessTime(attributes, now)) attributes.access_time = now;
}

}  // namespace cosfuse
