#pragma once

#include "fs/file_system.h"
#include "fs/metadata_codec.h"

namespace cosfuse {

/// The attributes after a change, size aside. A change to what is there already is none: then the result equals
/// `present`. Otherwise the change time becomes `now`, unless the change names it. A new owner clears setuid and setgid
/// of a file, unless the change names permissions too. Pure.
/// Source: POSIX.1-2017, chmod(), chown(), utimensat().
PosixAttributes ApplyChange(const PosixAttributes& present, const AttributeChange& change, WallTime now);

/// The attributes of something new: the caller's, and the group of a directory with setgid (a new directory inherits
/// that bit too). `mode` with its type. Pure.
PosixAttributes NewAttributes(const Caller& caller, mode_t mode, const PosixAttributes& directory, WallTime now);

}  // namespace cosfuse
