#include "fs/fuse/attributes.h"

#include <algorithm>

namespace cosfuse {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// What stat(2) recommends for reads and writes: large enough that programs with buffers of this size do not drown in
/// requests, small enough for one per open stream.
constexpr blksize_t kPreferredIoSize = 128 * kKiB;

}  // namespace

double ToSeconds(Duration lifetime) { return std::max(0.0, std::chrono::duration<double>(lifetime).count()); }

timespec ToTimespec(WallTime time) {
  const auto whole = std::chrono::floor<seconds>(time.time_since_epoch());
  const nanoseconds rest = time.time_since_epoch() - whole;
  return {static_cast<time_t>(whole.count()), static_cast<decltype(timespec::tv_nsec)>(rest.count())};
}

WallTime FromTimespec(timespec time) {
  // Beyond these, in 1677 and 2262, a count of nanoseconds overflows.
  constexpr int64_t kLast = std::chrono::floor<seconds>(WallTime::max()).time_since_epoch().count() - 1;
  return WallTime(seconds(std::clamp<int64_t>(time.tv_sec, -kLast, kLast)) + nanoseconds(time.tv_nsec));
}

struct stat ToStat(const FileAttributes& attributes) {
  struct stat result{};
  result.st_ino = attributes.inode;
  result.st_mode = attributes.mode;
  result.st_nlink = attributes.link_count;
  result.st_uid = attributes.uid;
  result.st_gid = attributes.gid;
  result.st_rdev = attributes.device;
  result.st_size = static_cast<off_t>(attributes.size);
  result.st_blocks = static_cast<blkcnt_t>((attributes.size + 511) / 512);
  result.st_blksize = kPreferredIoSize;
  result.st_atim = ToTimespec(attributes.access_time);
  result.st_mtim = ToTimespec(attributes.modification_time);
  result.st_ctim = ToTimespec(attributes.change_time);
  return result;
}

fuse_entry_param ToEntryParam(const NodeEntry& entry) {
  fuse_entry_param param{};
  param.ino = static_cast<fuse_ino_t>(entry.node);
  param.attr = ToStat(entry.attributes.attributes);
  param.attr_timeout = ToSeconds(entry.attributes.lifetime);
  param.entry_timeout = ToSeconds(entry.name_lifetime);
  return param;
}

AttributeChange ToAttributeChange(const struct stat& values, int to_set, WallTime now) {
  AttributeChange change;
  if (to_set & FUSE_SET_ATTR_MODE) change.permissions = values.st_mode & 07777;
  if (to_set & FUSE_SET_ATTR_UID) change.uid = values.st_uid;
  if (to_set & FUSE_SET_ATTR_GID) change.gid = values.st_gid;
  if (to_set & FUSE_SET_ATTR_SIZE) change.size = static_cast<ByteCount>(values.st_size);
  if (to_set & FUSE_SET_ATTR_ATIME) change.access_time = FromTimespec(values.st_atim);
  if (to_set & FUSE_SET_ATTR_MTIME) change.modification_time = FromTimespec(values.st_mtim);
  if (to_set & FUSE_SET_ATTR_CTIME) change.change_time = FromTimespec(values.st_ctim);
  if (to_set & FUSE_SET_ATTR_ATIME_NOW) change.access_time = now;
  if (to_set & FUSE_SET_ATTR_MTIME_NOW) change.modification_time = now;
  return change;
}

}  // namespace cosfuse
