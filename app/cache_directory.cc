#include "app/cache_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

#include "app/stable_hash.h"
#include "base/disk.h"
#include "base/encoding.h"

namespace cosfuse {
namespace {

constexpr std::string_view kDefaultParent = "/var/lib/cosfuse";
constexpr std::string_view kLockName = "/lock";

/// Makes the directory and what is missing above it, for this user alone.
Result<> MakePrivateDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  const std::string parent = std::filesystem::path(path).parent_path();
  if (errno != ENOENT || parent.empty() || parent == path) {
    return Fail(ErrorFromErrno(errno, "making the cache directory " + path));
  }
  RETURN_IF_ERROR(MakePrivateDirectory(parent));
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return Fail(ErrorFromErrno(errno, "making the cache directory " + path));
}

std::string ReadOwner(int fd) {
  std::array<char, 32> text{};
  const ssize_t length = pread(fd, text.data(), text.size(), 0);
  return length <= 0 ? "" : std::string(TrimWhitespace({text.data(), static_cast<size_t>(length)}));
}

Result<FileDescriptor> LockDirectory(const std::string& directory) {
  const std::string path = directory + std::string(kLockName);
  FileDescriptor fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return Fail(ErrorFromErrno(errno, "opening " + path));
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Fail(ErrorFromErrno(errno, "locking " + path));
    return Fail(ErrorCode::kBusy, "the cache directory " + directory + " is in use by process " + ReadOwner(fd.get()));
  }
  // The owner's number is for the message above alone: the lock is what counts.
  const std::string owner = std::to_string(getpid()) + "\n";
  if (ftruncate(fd.get(), 0) != 0 || pwrite(fd.get(), owner.data(), owner.size(), 0) < 0) {
    return Fail(ErrorFromErrno(errno, "writing " + path));
  }
  return fd;
}

}  // namespace

std::string CacheDirectoryName(const BucketOptions& bucket, const std::string& mountpoint) {
  StableHash hash;
  hash.Add(bucket.endpoint).Add(bucket.bucket).Add(bucket.prefix).Add(mountpoint);
  return bucket.bucket + "-" + hash.Hex();
}

std::string JournalStoreName(const BucketOptions& bucket) {
  std::string name = bucket.endpoint + "/" + bucket.bucket;
  if (!bucket.prefix.empty()) name += ":" + bucket.prefix;
  return name;
}

Result<CacheDirectory> CacheDirectory::Take(const MountOptions& options) {
  if (!options.cache_directory.empty()) return TakeAt(options.cache_directory);
  Result<CacheDirectory> taken =
      TakeAt(std::string(kDefaultParent) + "/" + CacheDirectoryName(options.bucket, options.mountpoint));
  if (taken || taken.error().code() == ErrorCode::kBusy) return taken;
  return TakeTemporary(taken.error());
}

Result<CacheDirectory> CacheDirectory::TakeAt(const std::string& path) {
  RETURN_IF_ERROR(MakePrivateDirectory(path));
  ASSIGN_OR_RETURN(FileDescriptor lock, LockDirectory(path));
  return CacheDirectory(path, std::move(lock));
}

Result<CacheDirectory> CacheDirectory::TakeTemporary(const Error& why) {
  std::error_code ignored;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(ignored);
  std::string path = (parent.empty() ? std::filesystem::path("/tmp") : parent) / "cosfuse-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return Fail(ErrorFromErrno(errno, "making a temporary cache directory"));
  ASSIGN_OR_RETURN(CacheDirectory taken, TakeAt(path));
  taken.why_temporary_ = why.message();
  return taken;
}

CacheDirectory::~CacheDirectory() {
  if (why_temporary_.empty() || !lock_.valid()) return;
  unlink((path_ + std::string(kLockName)).c_str());
  rmdir(path_.c_str());
}

}  // namespace cosfuse
