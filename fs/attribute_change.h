#pragma once

#include "fs/file_system.h"
#include "fs/metadata_codec.h"

namespace cosfuse {

/// The attributes after a change, size aside. The change time becomes `now`, unless the change names it: also where
/// what is set was there already. A new owner clears setuid and setgid of a file, unless the change names permissions
/// too. Pure. Source: POSIX.1-2017, chmod(), chown(), utimensat().
PosixAttributes ApplyChange(const PosixAttributes& present, const AttributeChange& change, WallTime now);

/// Whether nothing but the change time tells them apart: that is worth no request. Pure.
bool DifferInChangeTimeAlone(const PosixAttributes& one, const PosixAttributes& other);

/// Whether a read moves the access time: the first one after a change, and then one a day (as mount(8), relatime).
/// Pure.
bool MovesAccessTime(const PosixAttributes& attributes, WallTime now);

/// The attributes of something new: the caller's, and the group of a directory with setgid (a new directory inherits
/// that bit too). `mode` with its type. Pure.
PosixAttributes NewAttributes(const Caller& caller, mode_t mode, const PosixAttributes& directory, WallTime now);

}  // namespace cosfuse
