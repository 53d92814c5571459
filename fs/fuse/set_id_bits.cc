#include "fs/fuse/set_id_bits.h"

#include <sys/stat.h>

namespace cosfuse {

std::optional<mode_t> PermissionsWithoutSetId(const FileAttributes& file, const Caller& caller) {
  const mode_t mode = file.mode;
  if (S_ISDIR(mode)) return std::nullopt;
  mode_t kept = mode & 07777 & ~static_cast<mode_t>(S_ISUID);
  const bool trusted = caller.uid == 0 || caller.gid == file.gid;
  if ((mode & S_IXGRP) != 0 || !trusted) kept &= ~static_cast<mode_t>(S_ISGID);
  if (kept == (mode & 07777)) return std::nullopt;
  return kept;
}

Result<> ClearSetId(FileSystem& file_system, const OpContext& context, const Caller& caller, NodeId node,
                    std::optional<HandleId> handle) {
  ASSIGN_OR_RETURN(const TimedAttributes now, file_system.GetAttributes(context, node));
  const auto kept = PermissionsWithoutSetId(now.attributes, caller);
  if (!kept) return {};
  AttributeChange change;
  change.permissions = kept;
  ASSIGN_OR_RETURN([[maybe_unused]] const auto after, file_system.SetAttributes(context, caller, node, handle, change));
  return {};
}

}  // namespace cosfuse
