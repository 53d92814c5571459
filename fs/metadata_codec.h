#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cos/object_store.h"
#include "fs/extended_attributes.h"

namespace cosfuse {

/// The bits of a mode that chmod sets; the others are its type.
inline constexpr mode_t kPermissionBits = 07777;

/// What POSIX knows of a file beside its name, number and bytes.
struct PosixAttributes {
  mode_t mode = 0;  ///< Type and permissions.
  uid_t uid = 0;
  gid_t gid = 0;
  dev_t device = 0;  ///< Of character and block devices.
  WallTime access_time;
  WallTime modification_time;
  WallTime change_time;
  ExtendedAttributes extended{};

  friend bool operator==(const PosixAttributes&, const PosixAttributes&) = default;
};

/// For objects that carry no attributes of their own.
struct AttributeDefaults {
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t file_mode = 0644;
  mode_t directory_mode = 0755;
};

// Attributes travel in user metadata as s3fs writes them: `mode` (type and permissions), `uid`, `gid` decimal; `mtime`,
// `ctime`, `atime` in seconds, with a fraction of nine digits where there is one; `xattr` as extended_attributes.h
// says. `rdev` (decimal) is ours, for devices. Source: s3fs-fuse, metaheader.cpp and string_util.cpp.

/// The attributes of an object. Tolerant: what is missing or makes no sense comes from `defaults`, times from
/// Last-Modified. `is_directory` decides between the types of file and directory whatever the metadata says.
PosixAttributes DecodeAttributes(const ObjectInfo& info, bool is_directory, const AttributeDefaults& defaults);

/// Writes the attributes into the metadata and leaves everything foreign in it as it is.
void EncodeAttributes(const PosixAttributes& attributes, ObjectMetadata& metadata);

/// Whether an object can carry these attributes beside what is foreign in `metadata`: with the mark of an upload, and
/// whatever times and owner it is given later.
bool FitsIntoMetadata(const PosixAttributes& attributes, const ObjectMetadata& metadata);

/// True for an object without a slash at its end that stands for a directory: older s3fs wrote them so.
bool IsOldDirectoryMarker(const ObjectInfo& info);

/// Seconds since the epoch, with an optional fraction. Nothing on any other text or beyond what WallTime can hold.
std::optional<WallTime> ParseSeconds(std::string_view text);
/// The reverse; no fraction where it is zero, else one of nine digits.
std::string FormatSeconds(WallTime time);

}  // namespace cosfuse
