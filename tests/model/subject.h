#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_range.h"

namespace cosfuse::model {

/// The attributes of a file that sequences change: together, so that what belongs together is seen to stay so.
struct Attributes {
  mode_t permissions = 0;
  std::map<std::string, std::string> extended{};
  friend auto operator<=>(const Attributes&, const Attributes&) = default;
};

/// What a system call answered: an errno (0: it succeeded), and what it brought.
struct Outcome {
  int error = 0;
  std::string bytes{};               ///< Of a read; the value of an extended attribute.
  std::vector<std::string> names{};  ///< Of a listing, sorted; directories with a slash.
  bool directory = false;            ///< Of a stat, as are the next ones.
  ByteCount size = 0;                ///< Of a stat; where a seek leads to.
  mode_t permissions = 0;
  int64_t modification_time = 0;  ///< Whole seconds.
  bool named = true;              ///< st_nlink is not 0.
  bool carried_on = false;  ///< Of a rename of a directory that failed: it had come so far that it is done by now.
};

/// An object as another client of the bucket sees it. A directory's marker is one with a slash at the end of its key.
struct StoredObject {
  std::string bytes;
  Attributes attributes{};
  std::optional<int64_t> modification_time{};
};
using Bucket = std::map<std::string, StoredObject>;

/// A mount under test, as one program sees it: paths below the mount, and descriptors in slots. A slot is used for one
/// open file at a time; calls on a slot that is not open are never made.
///
/// Not thread-safe: one sequence of calls at a time.
class Subject {
 public:
  virtual ~Subject() = default;

  /// Whether it can be asked for what this row of the operation table does.
  virtual bool Offers(std::string_view /*row*/) const { return true; }

  /// open(2) with these flags; a directory is answered with an error whatever the flags are.
  virtual Outcome Open(int slot, const std::string& path, int flags, mode_t mode) = 0;
  /// What one close(2) of a duplicate does: everything but giving the descriptor up.
  virtual Outcome Flush(int slot) = 0;
  /// The same for a process that is being killed: nobody waits for the store.
  virtual Outcome FlushUnheard(int slot) = 0;
  virtual Outcome Close(int slot) = 0;
  virtual Outcome Fsync(int slot) = 0;
  virtual Outcome Read(int slot, ByteCount offset, size_t length) = 0;
  /// pwrite(2): one that is open for appending appends.
  virtual Outcome Write(int slot, ByteCount offset, const std::string& bytes) = 0;
  virtual Outcome TruncateOpen(int slot, ByteCount size) = 0;
  /// fallocate(2) with this mode.
  virtual Outcome Allocate(int slot, int mode, ByteCount offset, ByteCount length) = 0;
  /// lseek(2) by SEEK_DATA or SEEK_HOLE.
  virtual Outcome Seek(int slot, int whence, ByteCount offset) = 0;
  virtual Outcome StatOpen(int slot) = 0;
  virtual Outcome ChmodOpen(int slot, mode_t permissions) = 0;

  virtual Outcome Truncate(const std::string& path, ByteCount size) = 0;
  virtual Outcome Stat(const std::string& path) = 0;
  virtual Outcome Chmod(const std::string& path, mode_t permissions) = 0;
  virtual Outcome SetModificationTime(const std::string& path, int64_t seconds) = 0;
  /// setxattr(2) with these flags.
  virtual Outcome SetAttribute(const std::string& path, const std::string& name, const std::string& value,
                               int flags) = 0;
  virtual Outcome GetAttribute(const std::string& path, const std::string& name) = 0;
  virtual Outcome RemoveAttribute(const std::string& path, const std::string& name) = 0;
  virtual Outcome Rename(const std::string& from, const std::string& to, bool no_replace) = 0;
  virtual Outcome Unlink(const std::string& path) = 0;
  virtual Outcome MakeDirectory(const std::string& path, mode_t mode) = 0;
  virtual Outcome RemoveDirectory(const std::string& path) = 0;
  /// Of the root where `path` is empty.
  virtual Outcome List(const std::string& path) = 0;

  /// Whatever the mount believes about the bucket is too old to be believed any longer.
  virtual void Expire() = 0;
  /// Requests may fail from now on, or may not.
  virtual void SetFaults(bool on) = 0;
  /// Returns when everything that closed files have left is in the store, or why that cannot be.
  virtual Outcome Drain() = 0;

  /// What is left in memory or in the bucket although nothing is open any more; empty: nothing.
  virtual std::string DescribeLeaks() = 0;

  // The bucket, past the mount.
  virtual std::optional<StoredObject> FetchObject(const std::string& key) = 0;
  virtual Bucket FetchBucket() = 0;
  virtual void PutForeign(const std::string& key, const std::string& bytes) = 0;
  virtual void DeleteForeign(const std::string& key) = 0;
};

}  // namespace cosfuse::model
