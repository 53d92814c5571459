#include "tests/model/mount_subject.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "fs/extended_attributes.h"

namespace cosfuse::model {
namespace {

Outcome Answer(long result) { return {.error = result < 0 ? errno : 0}; }

/// Returns when the objects of names that were unlinked below are gone, as fsync(2) does.
int SyncDirectory(const std::string& path) {
  const FileDescriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fsync(directory.get());
}

Outcome Describe(const struct stat& status) {
  Outcome outcome;
  outcome.directory = S_ISDIR(status.st_mode);
  outcome.size = static_cast<ByteCount>(status.st_size);
  outcome.permissions = status.st_mode & 07777;
  outcome.modification_time = status.st_mtim.tv_sec;
  outcome.named = status.st_nlink > 0;
  return outcome;
}

/// The faults of a bad day, by kind. An upload whose beginning is answered to nobody stays open, and nobody knows it:
/// that answer is not lost here.
constexpr auto kRules = std::to_array<const char*>({
    "op=*&kind=status&status=500&rate=0.05",
    "op=*&kind=status&status=503&code=SlowDown&rate=0.05",
    "op=*&kind=reset-before&rate=0.02",
    "op=PutObject&kind=reset-after&rate=0.01",
    "op=CopyObject&kind=reset-after&rate=0.01",
    "op=DeleteObject&kind=reset-after&rate=0.01",
    "op=UploadPart&kind=reset-after&rate=0.01",
    "op=UploadPartCopy&kind=reset-after&rate=0.01",
    "op=CompleteMultipartUpload&kind=reset-after&rate=0.01",
    "op=GetObject&kind=truncate&rate=0.02",
    "op=ListObjectsV2&kind=truncate&rate=0.02",
});

const std::vector<std::string> kOptions = {"--ttl", "0", "--part-size", "5M"};
const std::map<std::string, std::string> kVariables = {{"COSFUSE_TEST_RETRY_BASE", "0.001"}};

/// A call of the second mount, of which none has a reason to fail.
void MustSucceed(long result, const std::string& path) {
  if (result >= 0) return;
  perror(path.c_str());
  std::abort();
}

StoredObject ToStoredObject(testing::RawAnswer answer) {
  StoredObject object;
  object.attributes.permissions = 0644;
  if (const auto mode = answer.headers.Get("x-amz-meta-mode")) {
    object.attributes.permissions = static_cast<mode_t>(std::strtoul(std::string(*mode).c_str(), nullptr, 10)) & 07777;
  }
  if (const auto time = answer.headers.Get("x-amz-meta-mtime")) {
    object.modification_time = std::strtoll(std::string(*time).c_str(), nullptr, 10);
  }
  if (const auto extended = answer.headers.Get("x-amz-meta-xattr")) {
    const ExtendedAttributes parsed = ParseExtendedAttributes(*extended);
    object.attributes.extended = {parsed.begin(), parsed.end()};
  }
  object.bytes = std::move(answer.body);
  return object;
}

}  // namespace

MountBench::MountBench(Outsider outsider) : mount(emulator, kOptions, kVariables) {
  if (outsider == Outsider::kMount) rival.emplace(emulator, kOptions, kVariables);
  emulator.Insist();
  umask(0);
}

MountSubject::MountSubject(MountBench& bench, const Settings& settings)
    : bench_(bench), settings_(settings), prefix_("s" + std::to_string(settings.seed) + "/") {
  top_ = bench_.mount.Path("s" + std::to_string(settings.seed));
  if (mkdir(top_.c_str(), 0755) != 0) std::abort();
}

MountSubject::~MountSubject() {
  SetFaults(false);
  for (FileDescriptor& slot : slots_) slot.Close();
  for (const std::string& key : bench_.emulator.Keys()) {
    if (key.starts_with(prefix_)) bench_.emulator.DeleteObject(key);
  }
}

Outcome MountSubject::Open(int slot, const std::string& path, int flags, mode_t mode) {
  FileDescriptor file(open(Path(path).c_str(), flags | O_CLOEXEC, mode));
  if (!file.valid()) return {.error = errno};
  struct stat status{};
  if (fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode)) return {.error = EISDIR};
  slots_.at(slot) = std::move(file);
  return {};
}

Outcome MountSubject::Flush(int slot) { return Answer(close(fcntl(slots_.at(slot).get(), F_DUPFD_CLOEXEC, 0))); }
Outcome MountSubject::Close(int slot) { return Answer(close(slots_.at(slot).Release())); }
Outcome MountSubject::Fsync(int slot) { return Answer(fsync(slots_.at(slot).get())); }

Outcome MountSubject::Read(int slot, ByteCount offset, size_t length) {
  Outcome outcome;
  outcome.bytes.resize(length);
  size_t got = 0;
  while (got < length) {
    const ssize_t part =
        pread(slots_.at(slot).get(), outcome.bytes.data() + got, length - got, static_cast<off_t>(offset + got));
    if (part < 0) return {.error = errno};
    if (part == 0) break;
    got += static_cast<size_t>(part);
  }
  outcome.bytes.resize(got);
  // Where nothing is asked for, the kernel still says whether it might be.
  if (length == 0) return Answer(pread(slots_.at(slot).get(), nullptr, 0, 0));
  return outcome;
}

Outcome MountSubject::Write(int slot, ByteCount offset, const std::string& bytes) {
  const ssize_t written = pwrite(slots_.at(slot).get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (written >= 0 && static_cast<size_t>(written) != bytes.size()) return {.error = EIO};
  return Answer(written);
}

Outcome MountSubject::TruncateOpen(int slot, ByteCount size) {
  return Answer(ftruncate(slots_.at(slot).get(), static_cast<off_t>(size)));
}

Outcome MountSubject::Allocate(int slot, int mode, ByteCount offset, ByteCount length) {
  return Answer(fallocate(slots_.at(slot).get(), mode, static_cast<off_t>(offset), static_cast<off_t>(length)));
}

Outcome MountSubject::Seek(int slot, int whence, ByteCount offset) {
  const off_t found = lseek(slots_.at(slot).get(), static_cast<off_t>(offset), whence);
  return found < 0 ? Answer(found) : Outcome{.size = static_cast<ByteCount>(found)};
}

Outcome MountSubject::StatOpen(int slot) {
  struct stat status{};
  if (fstat(slots_.at(slot).get(), &status) != 0) return {.error = errno};
  return Describe(status);
}

Outcome MountSubject::ChmodOpen(int slot, mode_t permissions) {
  return Answer(fchmod(slots_.at(slot).get(), permissions));
}

Outcome MountSubject::Truncate(const std::string& path, ByteCount size) {
  return Answer(truncate(Path(path).c_str(), static_cast<off_t>(size)));
}

Outcome MountSubject::Stat(const std::string& path) {
  struct stat status{};
  if (lstat(Path(path).c_str(), &status) != 0) return {.error = errno};
  return Describe(status);
}

Outcome MountSubject::Chmod(const std::string& path, mode_t permissions) {
  return Answer(chmod(Path(path).c_str(), permissions));
}

Outcome MountSubject::SetModificationTime(const std::string& path, int64_t seconds) {
  const std::array<timespec, 2> times = {{{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = 0}}};
  return Answer(utimensat(AT_FDCWD, Path(path).c_str(), times.data(), 0));
}

Outcome MountSubject::SetAttribute(const std::string& path, const std::string& name, const std::string& value,
                                   int flags) {
  return Answer(setxattr(Path(path).c_str(), name.c_str(), value.data(), value.size(), flags));
}

Outcome MountSubject::GetAttribute(const std::string& path, const std::string& name) {
  Outcome outcome;
  outcome.bytes.resize(1024);
  const ssize_t size = getxattr(Path(path).c_str(), name.c_str(), outcome.bytes.data(), outcome.bytes.size());
  if (size < 0) return {.error = errno};
  outcome.bytes.resize(static_cast<size_t>(size));
  return outcome;
}

Outcome MountSubject::RemoveAttribute(const std::string& path, const std::string& name) {
  return Answer(removexattr(Path(path).c_str(), name.c_str()));
}

Outcome MountSubject::Rename(const std::string& from, const std::string& to, bool no_replace) {
  return Answer(renameat2(AT_FDCWD, Path(from).c_str(), AT_FDCWD, Path(to).c_str(), no_replace ? RENAME_NOREPLACE : 0));
}

Outcome MountSubject::Unlink(const std::string& path) { return Answer(unlink(Path(path).c_str())); }
Outcome MountSubject::MakeDirectory(const std::string& path, mode_t mode) {
  return Answer(mkdir(Path(path).c_str(), mode));
}
Outcome MountSubject::RemoveDirectory(const std::string& path) { return Answer(rmdir(Path(path).c_str())); }

Outcome MountSubject::List(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(Path(path).c_str()), closedir);
  if (directory == nullptr) return {.error = errno};
  Outcome outcome;
  for (;;) {
    errno = 0;
    const dirent* const entry = readdir(directory.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name != "." && name != "..") outcome.names.push_back(name + (entry->d_type == DT_DIR ? "/" : ""));
  }
  outcome.error = errno;
  return outcome;
}

void MountSubject::SetFaults(bool on) {
  if (on == faults_) return;
  faults_ = on;
  if (!on) {
    bench_.emulator.Post("fault/clear");
    return;
  }
  ++bad_times_;
  const std::string seed = std::to_string(settings_.seed * 1000 + bad_times_);
  for (const char* const rule : kRules) bench_.emulator.Post("fault?" + std::string(rule) + "&seed=" + seed);
}

std::string MountSubject::DescribeLeaks() {
  const std::string counters = bench_.emulator.Get("counters");
  return counters.find("\"open_uploads\":0") == std::string::npos ? "open uploads: " + counters : "";
}

void MountSubject::FinishRemovals() const {
  // Requests that fail are tried again by themselves, and again after so many failures that fsync has to say so.
  constexpr int kTries = 5;
  int status = SyncDirectory(Path(""));
  for (int i = 1; i < kTries && status != 0 && errno == EIO; ++i) status = SyncDirectory(Path(""));
  MustSucceed(status, "fsync of the directory");
}

std::optional<StoredObject> MountSubject::FetchObject(const std::string& key) {
  FinishRemovals();
  auto answer = bench_.emulator.FetchObject(prefix_ + key);
  if (answer.status != 200) return std::nullopt;
  return ToStoredObject(std::move(answer));
}

Bucket MountSubject::FetchBucket() {
  FinishRemovals();
  Bucket bucket;
  for (const std::string& key : bench_.emulator.Keys()) {
    if (!key.starts_with(prefix_) || key == prefix_) continue;
    if (auto object = FetchObject(key.substr(prefix_.size()))) {
      bucket.emplace(key.substr(prefix_.size()), *std::move(object));
    }
  }
  return bucket;
}

void MountSubject::PutForeign(const std::string& key, const std::string& bytes) {
  FinishRemovals();
  if (bench_.rival) return WriteAsRival(key, bytes);
  bench_.emulator.PutObject(prefix_ + key, bytes);
}

void MountSubject::WriteAsRival(const std::string& key, const std::string& bytes) const {
  const bool renames = bytes.size() % 2 == 0;
  const std::string path = RivalPath(renames ? "of-the-rival" : key);
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  MustSucceed(file.get(), path);
  MustSucceed(write(file.get(), bytes.data(), bytes.size()), path);
  // As a client of the store leaves it.
  MustSucceed(fchmod(file.get(), 0644), path);
  std::array<char, 1024> names{};
  const ssize_t length = flistxattr(file.get(), names.data(), names.size());
  MustSucceed(length, path);
  for (const char* name = names.data(); name < names.data() + length; name += std::strlen(name) + 1) {
    MustSucceed(fremovexattr(file.get(), name), path);
  }
  MustSucceed(close(file.Release()), path);
  if (renames) MustSucceed(rename(path.c_str(), RivalPath(key).c_str()), path);
}

void MountSubject::DeleteForeign(const std::string& key) {
  FinishRemovals();
  if (!bench_.rival) {
    bench_.emulator.DeleteObject(prefix_ + key);
    return;
  }
  const std::string path = RivalPath(key);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) MustSucceed(-1, path);
  MustSucceed(SyncDirectory(RivalPath("")), path);
}

}  // namespace cosfuse::model
