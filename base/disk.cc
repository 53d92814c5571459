#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/encoding.h"
#include "base/file_descriptor.h"

namespace cosfuse {
namespace {

class PosixFile final : public DiskFile {
 public:
  explicit PosixFile(FileDescriptor fd) : fd_(std::move(fd)) {}

  Result<size_t> Read(ByteCount offset, std::span<std::byte> out) const override {
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t n = pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Fail(ErrorFromErrno(errno, "reading a local file"));
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    return done;
  }

  Result<> Write(ByteCount offset, std::span<const std::byte> data) override {
    while (!data.empty()) {
      const ssize_t n = pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Fail(ErrorFromErrno(errno, "writing a local file"));
      data = data.subspan(static_cast<size_t>(n));
      offset += static_cast<ByteCount>(n);
    }
    return {};
  }

  Result<> Truncate(ByteCount size) override {
    if (ftruncate(fd_.get(), static_cast<off_t>(size)) != 0)
      return Fail(ErrorFromErrno(errno, "resizing a local file"));
    return {};
  }

  Result<> PunchHole(ByteRange range) override {
    if (range.empty()) return {};
    const auto offset = static_cast<off_t>(range.offset);
    const auto length = static_cast<off_t>(range.length);
    if (fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) == 0) return {};
    if (errno != EOPNOTSUPP) return Fail(ErrorFromErrno(errno, "punching a hole into a local file"));
    return WriteZeros(range);
  }

  Result<> Sync() override {
    if (fdatasync(fd_.get()) != 0) return Fail(ErrorFromErrno(errno, "syncing a local file"));
    return {};
  }

  Result<ByteCount> Size() const override {
    struct stat status{};
    if (fstat(fd_.get(), &status) != 0) return Fail(ErrorFromErrno(errno, "stat of a local file"));
    return static_cast<ByteCount>(status.st_size);
  }

  Result<ByteCount> AllocatedBytes() const override {
    constexpr ByteCount kStatBlock = 512;  // stat(2): st_blocks counts 512-byte units.
    struct stat status{};
    if (fstat(fd_.get(), &status) != 0) return Fail(ErrorFromErrno(errno, "stat of a local file"));
    return static_cast<ByteCount>(status.st_blocks) * kStatBlock;
  }

 private:
  Result<> WriteZeros(ByteRange range) {
    static constexpr std::array<std::byte, 64 * kKiB> kZeros{};
    ASSIGN_OR_RETURN(const ByteCount size, Size());
    range = range.Intersect({0, size});
    while (!range.empty()) {
      const ByteCount n = std::min<ByteCount>(range.length, kZeros.size());
      RETURN_IF_ERROR(Write(range.offset, std::span(kZeros).first(n)));
      range = {range.offset + n, range.length - n};
    }
    return {};
  }

  const FileDescriptor fd_;
};

class PosixDisk final : public Disk {
 public:
  explicit PosixDisk(std::string directory) : directory_(std::move(directory)) {}

  Result<std::unique_ptr<DiskFile>> CreateUnnamed() override {
    FileDescriptor fd(open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (fd.valid()) return std::make_unique<PosixFile>(std::move(fd));
    if (errno != EOPNOTSUPP && errno != EISDIR) {
      return Fail(ErrorFromErrno(errno, "creating a staging file in " + directory_));
    }
    std::string name = directory_ + "/.unnamed-XXXXXX";  // A file system without O_TMPFILE (overlay on old kernels).
    fd = FileDescriptor(mkostemp(name.data(), O_CLOEXEC));
    if (!fd.valid()) return Fail(ErrorFromErrno(errno, "creating a staging file in " + directory_));
    unlink(name.c_str());
    return std::make_unique<PosixFile>(std::move(fd));
  }

  Result<std::string> ReadSmallFile(const std::string& path, ByteCount limit) override {
    const std::string full = FullPath(path);
    FileDescriptor fd(open(full.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) return Fail(ErrorFromErrno(errno, full));
    std::string text(limit + 1, '\0');
    const PosixFile file(std::move(fd));
    auto length = file.Read(0, std::as_writable_bytes(std::span(text)));
    if (!length) return Fail(length.error().WithContext(full));
    if (*length > limit)
      return Fail(ErrorCode::kTooLarge, full + " is longer than " + std::to_string(limit) + " bytes");
    text.resize(*length);
    return text;
  }

  Result<> ReplaceSmallFile(const std::string& path, std::string_view text) override {
    const std::string full = FullPath(path);
    const std::string next = full + ".new";
    FileDescriptor fd(open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd.valid()) return Fail(ErrorFromErrno(errno, next));
    PosixFile file(std::move(fd));
    auto written = file.Write(0, AsBytes(text));
    // Else the new name could come to the disk before the text.
    if (written) written = file.Sync();
    if (written && rename(next.c_str(), full.c_str()) != 0) written = Fail(ErrorFromErrno(errno, full));
    if (!written) unlink(next.c_str());
    return written;
  }

  Result<std::unique_ptr<DiskFile>> CreateFile(const std::string& path) override {
    return Open(path, O_RDWR | O_CREAT | O_EXCL);
  }

  Result<std::unique_ptr<DiskFile>> OpenFile(const std::string& path) override { return Open(path, O_RDWR); }

  Result<> RemoveFile(const std::string& path) override {
    const std::string full = FullPath(path);
    if (unlink(full.c_str()) != 0 && errno != ENOENT) return Fail(ErrorFromErrno(errno, full));
    return {};
  }

  Result<> RenameFile(const std::string& from, const std::string& to) override {
    const std::string full = FullPath(from);
    if (rename(full.c_str(), FullPath(to).c_str()) != 0) return Fail(ErrorFromErrno(errno, full));
    return {};
  }

  Result<> LinkFile(const std::string& from, const std::string& to) override {
    const std::string full = FullPath(to);
    if (link(FullPath(from).c_str(), full.c_str()) != 0) return Fail(ErrorFromErrno(errno, full));
    return {};
  }

  Result<> MakeDirectory(const std::string& path) override {
    const std::string full = FullPath(path);
    if (mkdir(full.c_str(), 0700) != 0 && errno != EEXIST) return Fail(ErrorFromErrno(errno, full));
    return {};
  }

  Result<std::vector<std::string>> ListNames(const std::string& path) override {
    std::vector<std::string> names;
    std::error_code failure;
    std::filesystem::directory_iterator entry(FullPath(path), failure);
    while (!failure && entry != std::filesystem::directory_iterator()) {
      names.push_back(entry->path().filename());
      entry.increment(failure);
    }
    if (failure && failure.value() != ENOENT) return Fail(ErrorFromErrno(failure.value(), FullPath(path)));
    return names;
  }

  Result<> SyncDirectory(const std::string& path) override {
    const std::string full = FullPath(path);
    const FileDescriptor fd(open(full.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid() || fsync(fd.get()) != 0) return Fail(ErrorFromErrno(errno, full));
    return {};
  }

  Result<ByteCount> FreeBytes() const override {
    struct statvfs status{};
    if (statvfs(directory_.c_str(), &status) != 0) return Fail(ErrorFromErrno(errno, directory_));
    return static_cast<ByteCount>(status.f_bavail) * status.f_frsize;
  }

 private:
  Result<std::unique_ptr<DiskFile>> Open(const std::string& path, int flags) const {
    const std::string full = FullPath(path);
    FileDescriptor fd(open(full.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) return Fail(ErrorFromErrno(errno, full));
    return std::make_unique<PosixFile>(std::move(fd));
  }

  std::string FullPath(const std::string& path) const { return path.starts_with('/') ? path : directory_ + "/" + path; }

  const std::string directory_;
};

}  // namespace

std::unique_ptr<Disk> OpenPosixDisk(std::string directory) { return std::make_unique<PosixDisk>(std::move(directory)); }

Error ErrorFromErrno(int code, std::string_view what) {
  const auto meaning = [code] {
    switch (code) {
      case ENOENT: return ErrorCode::kNotFound;
      case EEXIST: return ErrorCode::kAlreadyExists;
      case EACCES:
      case EPERM: return ErrorCode::kAccessDenied;
      case ENOSPC:
      case EDQUOT: return ErrorCode::kNoSpace;
      case EFBIG: return ErrorCode::kTooLarge;
      case ENOTDIR: return ErrorCode::kNotDirectory;
      case EISDIR: return ErrorCode::kIsDirectory;
      case EROFS: return ErrorCode::kReadOnly;
      case EBUSY: return ErrorCode::kBusy;
      default: return ErrorCode::kUnavailable;
    }
  }();
  std::array<char, 128> text{};
  return {meaning, std::string(what) + ": " + strerror_r(code, text.data(), text.size())};
}

}  // namespace cosfuse
