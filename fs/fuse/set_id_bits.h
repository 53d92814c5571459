#pragma once

#include <sys/types.h>

#include <optional>

#include "fs/file_system.h"

namespace cosfuse {

/// The permissions that a file keeps when `caller`, without CAP_FSETID, writes or truncates it, or anyone changes its
/// owner: setuid goes, and setgid where the group may execute. Without that it stays for root and the file's group; of
/// further groups of the caller nothing is known here. Nothing when all stay as they are, as for directories. Pure.
/// Sources: include/uapi/linux/fuse.h, FUSE_HANDLE_KILLPRIV_V2; fs/open.c, chown_common; fs/attr.c,
/// setattr_should_drop_sgid.
std::optional<mode_t> PermissionsWithoutSetId(const FileAttributes& file, const Caller& caller);

/// Does that to a node. Called before the change it belongs to, as the kernel's own file systems do.
Result<> ClearSetId(FileSystem& file_system, const OpContext& context, const Caller& caller, NodeId node,
                    std::optional<HandleId> handle);

}  // namespace cosfuse
