#pragma once

#include <string>
#include <utility>

#include "app/mount_options.h"
#include "base/error.h"
#include "base/file_descriptor.h"

namespace cosfuse {

/// The name of a mount's own directory: the bucket's name for a person, and a hash of endpoint, bucket, prefix and
/// mountpoint, so that two mounts of one bucket do not meet. The same for the same mount at each start. Pure.
std::string CacheDirectoryName(const BucketOptions& bucket, const std::string& mountpoint);

/// What the journal of such a directory says that it is of: endpoint, bucket and prefix. Pure.
std::string JournalStoreName(const BucketOptions& bucket);

/// The local directory of one mount, for as long as this object lives. No other process can take it meanwhile; the lock
/// goes with the process, however that ends. Move-only.
class CacheDirectory {
 public:
  /// Takes `options.cache_directory`, made with mode 0700 where it is missing, or else /var/lib/cosfuse/NAME. Where
  /// that default cannot be had, a private temporary directory, which is removed at the end.
  ///
  /// Errors: kBusy (another process has it), kAccessDenied, kNoSpace, kUnavailable.
  static Result<CacheDirectory> Take(const MountOptions& options);

  ~CacheDirectory();
  CacheDirectory(CacheDirectory&& other) noexcept = default;
  CacheDirectory& operator=(CacheDirectory&&) = delete;

  const std::string& path() const { return path_; }
  /// Why it is a temporary directory, whose content does not survive the process; empty where it is none.
  const std::string& why_temporary() const { return why_temporary_; }

 private:
  CacheDirectory(std::string path, FileDescriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  static Result<CacheDirectory> TakeAt(const std::string& path);
  static Result<CacheDirectory> TakeTemporary(const Error& why);

  std::string path_;
  FileDescriptor lock_;
  std::string why_temporary_;
};

}  // namespace cosfuse
