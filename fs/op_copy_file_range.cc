#include <utility>

#include "fs/bucket_file_system.h"

namespace cosfuse {

Result<ByteCount> BucketFileSystem::CopyRange(const OpContext& context, HandleId from_id, ByteCount from,
                                              HandleId to_id, ByteCount to, ByteCount length) {
  const auto must_read_and_write = [] {
    return Fail(ErrorCode::kUnsupported, "these bytes have to be read and written");
  };
  RETURN_IF_ERROR(CheckMayContinue());
  ASSIGN_OR_RETURN(const auto source, parts_.handles.FindFile(from_id));
  ASSIGN_OR_RETURN(const auto target, parts_.handles.FindFile(to_id));
  if (!source->readable) return Fail(ErrorCode::kBadHandle, "not open for reading");
  if (!target->writable) return Fail(ErrorCode::kBadHandle, "not open for writing");
  if (parts_.write_only() || target->append || source->content == target->content) return must_read_and_write();

  // Whoever removes, moves or rewrites the source comes before, or finds the copy.
  auto held = storer_.EnterShared(context, *source->node);
  if (!held && held.error().code() == ErrorCode::kStale) return must_read_and_write();
  if (!held) return Fail(std::move(held).error());
  const auto version = source->content->copyable_version();
  const auto taken = target->content->CopyFrom(version, from, to, length);
  if (!taken) return must_read_and_write();
  if (*taken == 0) return ByteCount{0};
  if (source->content->copyable_version() != version) {
    // Written to meanwhile: what is stored of that may not have found the copy.
    RETURN_IF_ERROR(target->content->Truncate(to));
    return must_read_and_write();
  }
  const WallTime now = parts_.clock.WallNow();
  MutexLock lock(target->node->mutex);
  FileState& state = target->node->state();
  state.content_whole = false;
  state.attributes.modification_time = now;
  state.attributes.change_time = now;
  return *taken;
}

}  // namespace cosfuse
