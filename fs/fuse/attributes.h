#pragma once

#include <sys/stat.h>

#include "fs/file_system.h"
#include "fs/fuse/libfuse.h"

namespace cosfuse {

/// Between the FileSystem's values and libfuse's. Pure.

struct stat ToStat(const FileAttributes& attributes);
fuse_entry_param ToEntryParam(const NodeEntry& entry);
/// A lifetime as libfuse takes it; never negative.
double ToSeconds(Duration lifetime);
timespec ToTimespec(WallTime time);
WallTime FromTimespec(timespec time);

/// What SETATTR asks for: `to_set` are FUSE_SET_ATTR_ bits, `now` stands for the times that are to be the present.
AttributeChange ToAttributeChange(const struct stat& values, int to_set, WallTime now);

}  // namespace cosfuse
