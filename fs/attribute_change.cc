#include "fs/attribute_change.h"

#include <sys/stat.h>

#include <chrono>

namespace cosfuse {
namespace {

/// Setgid without group execution is no setgid for programs (it once meant mandatory locking): it stays.
/// Source: Linux, setattr_should_drop_suidgid().
mode_t WithoutPrivileges(mode_t mode) {
  mode &= ~static_cast<mode_t>(S_ISUID);
  if ((mode & S_IXGRP) != 0) mode &= ~static_cast<mode_t>(S_ISGID);
  return mode;
}

}  // namespace

PosixAttributes ApplyChange(const PosixAttributes& present, const AttributeChange& change, WallTime now) {
  PosixAttributes changed = present;
  if (change.permissions) changed.mode = (present.mode & S_IFMT) | (*change.permissions & kPermissionBits);
  if (change.uid) changed.uid = *change.uid;
  if (change.gid) changed.gid = *change.gid;
  const bool new_owner = changed.uid != present.uid || changed.gid != present.gid;
  if (new_owner && !change.permissions && !S_ISDIR(present.mode)) changed.mode = WithoutPrivileges(changed.mode);
  if (change.access_time) changed.access_time = *change.access_time;
  if (change.modification_time) changed.modification_time = *change.modification_time;
  changed.change_time = change.change_time.value_or(now);
  return changed;
}

bool DifferInChangeTimeAlone(const PosixAttributes& one, const PosixAttributes& other) {
  PosixAttributes same_moment = one;
  same_moment.change_time = other.change_time;
  return same_moment == other;
}

bool MovesAccessTime(const PosixAttributes& attributes, WallTime now) {
  const WallTime read = attributes.access_time;
  return read <= attributes.modification_time || read <= attributes.change_time || read <= now - std::chrono::hours(24);
}

PosixAttributes NewAttributes(const Caller& caller, mode_t mode, const PosixAttributes& directory, WallTime now) {
  PosixAttributes attributes;
  attributes.mode = mode & ~(caller.umask & kPermissionBits);
  attributes.uid = caller.uid;
  attributes.gid = caller.gid;
  attributes.access_time = now;
  attributes.modification_time = now;
  attributes.change_time = now;
  if ((directory.mode & S_ISGID) != 0) {
    attributes.gid = directory.gid;
    if (S_ISDIR(mode)) attributes.mode |= S_ISGID;
  }
  return attributes;
}

}  // namespace cosfuse
