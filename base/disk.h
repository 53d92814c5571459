#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_range.h"
#include "base/error.h"

namespace cosfuse {

/// A local file, open for reading and writing. Thread-safe as far as pread and pwrite are.
class DiskFile {
 public:
  virtual ~DiskFile() = default;

  /// Reads up to out.size() bytes; fewer only at the end of the file. Errors: kUnavailable.
  virtual Result<size_t> Read(ByteCount offset, std::span<std::byte> out) const = 0;
  /// Writes all of `data`. Errors: kNoSpace (what was written before is undefined), kUnavailable.
  virtual Result<> Write(ByteCount offset, std::span<const std::byte> data) = 0;
  virtual Result<> Truncate(ByteCount size) = 0;
  /// Gives the range's blocks back; it then reads as zeros. Where the file system cannot, zeros are written.
  virtual Result<> PunchHole(ByteRange range) = 0;
  /// Returns when data and size are on stable storage.
  virtual Result<> Sync() = 0;
  virtual Result<ByteCount> Size() const = 0;
  /// Bytes of disk really used.
  virtual Result<ByteCount> AllocatedBytes() const = 0;
};

/// The local disk, below one directory: everything cosfuse keeps there goes through this interface, so that tests can
/// fill it up or forget what was not synced. Paths are relative to the directory; absolute ones are taken as they are.
/// Thread-safe.
class Disk {
 public:
  virtual ~Disk() = default;

  /// A new file without a name: it is gone when it is closed, also by a crash.
  virtual Result<std::unique_ptr<DiskFile>> CreateUnnamed() = 0;
  /// The whole of a small file, opened anew. Errors: kNotFound, kAccessDenied, kTooLarge (beyond `limit`),
  /// kUnavailable.
  virtual Result<std::string> ReadSmallFile(const std::string& path, ByteCount limit) = 0;
  /// Makes or replaces a small file as a whole: whoever reads it, also after a crash, sees the old text or the new one.
  /// Replacements of one file must not overlap. Errors: kNoSpace, kAccessDenied, kReadOnly, kUnavailable.
  virtual Result<> ReplaceSmallFile(const std::string& path, std::string_view text) = 0;
  /// A new, empty file under a name that is free. It survives the process at once, the node after a Sync of it and of
  /// its directory. Errors: kAlreadyExists, kNoSpace, kAccessDenied, kUnavailable.
  virtual Result<std::unique_ptr<DiskFile>> CreateFile(const std::string& path) = 0;
  /// Errors: kNotFound, kAccessDenied, kUnavailable.
  virtual Result<std::unique_ptr<DiskFile>> OpenFile(const std::string& path) = 0;
  /// Takes the name away; who has the file open goes on. A missing one counts as removed.
  virtual Result<> RemoveFile(const std::string& path) = 0;
  /// Gives a file another name, atomically, in place of what had that.
  virtual Result<> RenameFile(const std::string& from, const std::string& to) = 0;
  /// Gives a file a second name. Errors: kAlreadyExists.
  virtual Result<> LinkFile(const std::string& from, const std::string& to) = 0;
  /// A directory for this user alone; one that is there already will do.
  virtual Result<> MakeDirectory(const std::string& path) = 0;
  /// The names in a directory, in no order; none where it is missing.
  virtual Result<std::vector<std::string>> ListNames(const std::string& path) = 0;
  /// Returns when the names in a directory are on stable storage.
  virtual Result<> SyncDirectory(const std::string& path) = 0;
  /// Bytes that this process may still allocate.
  virtual Result<ByteCount> FreeBytes() const = 0;
};

/// The real one. `directory` must exist.
std::unique_ptr<Disk> OpenPosixDisk(std::string directory);

/// The error that errno `code` of a local call means.
Error ErrorFromErrno(int code, std::string_view what);

}  // namespace cosfuse
