#pragma once

#include "fs/fuse/libfuse.h"

namespace cosfuse {

/// libfuse's table of operations. Each one decodes its arguments, hands the work to the Dispatcher of its session
/// (session.h) and answers through reply.h; decisions belong to the FileSystem.
///
/// Not in the table, so that the kernel stops asking after the first ENOSYS or does it by itself: access
/// (default_permissions), locks, copy_file_range, ioctl, poll.
fuse_lowlevel_ops MakeOperations();

/// The parts of the table, one file each.
void AddNameOperations(fuse_lowlevel_ops& table);
void AddAttributeOperations(fuse_lowlevel_ops& table);
void AddExtendedAttributeOperations(fuse_lowlevel_ops& table);
void AddFileOperations(fuse_lowlevel_ops& table);
void AddDirectoryOperations(fuse_lowlevel_ops& table);

/// The largest read and write: what the kernel can carry in one request.
inline constexpr unsigned kMaxTransfer = 1024 * 1024;

}  // namespace cosfuse
