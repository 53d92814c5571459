#include <sys/stat.h>

#include "base/encoding.h"
#include "fs/attribute_change.h"
#include "fs/bucket_file_system.h"

namespace cosfuse {
namespace {

/// PATH_MAX without the final NUL: no longer one can be followed.
constexpr ByteCount kMostTargetBytes = 4095;

}  // namespace

Result<std::string> BucketFileSystem::ReadLink(const OpContext& context, NodeId id) {
  ASSIGN_OR_RETURN(const FileRef file, FindFile(id));
  Conditions conditions;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    if (!S_ISLNK(state.attributes.mode)) return Fail(ErrorCode::kInvalidArgument, "not a symbolic link");
    const WallTime now = parts_.clock.WallNow();
    if (MovesAccessTime(state.attributes, now)) state.attributes.access_time = now;
    if (state.link_target) return *state.link_target;
    conditions.if_match = state.etag;
  }
  const auto key = parts_.nodes.KeyOf(*file);
  if (!key) return Fail(ErrorCode::kStale, "the link has no name any more");
  RETURN_IF_ERROR(context.CheckMayWait(parts_.clock.Now()));
  std::string body;
  const auto take = [&](const ObjectInfo& info, ByteCount, std::span<const std::byte> data) -> Result<> {
    if (info.size > kMostTargetBytes) return Fail(ErrorCode::kNameTooLong, *key + ": too long for a link's target");
    body += AsText(data);
    return {};
  };
  RETURN_IF_ERROR(parts_.store.Get(context, *key, {}, conditions, take));
  MutexLock lock(file->mutex);
  file->state().link_target = body;
  return body;
}

}  // namespace cosfuse
