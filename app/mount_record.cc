#include "app/mount_record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "app/parse_values.h"
#include "app/stable_hash.h"
#include "base/disk.h"
#include "base/encoding.h"

namespace cosfuse {
namespace {

constexpr std::string_view kDirectory = "/run/cosfuse";
constexpr std::string_view kClean = "clean";
constexpr std::string_view kIncomplete = "incomplete";

std::string RecordPath(const std::string& mountpoint) {
  return std::string(kDirectory) + "/" + StableHash().Add(mountpoint).Hex();
}

/// "PID\n" and, at the end, "clean\n" or "incomplete\n".
std::string ReadRecord(int fd) {
  std::array<char, 64> text{};
  const ssize_t length = pread(fd, text.data(), text.size(), 0);
  return length <= 0 ? "" : std::string(text.data(), static_cast<size_t>(length));
}

Result<> WriteRecord(int fd, std::string_view outcome) {
  const std::string text = std::to_string(getpid()) + "\n" + std::string(outcome) + "\n";
  if (ftruncate(fd, 0) != 0 || pwrite(fd, text.data(), text.size(), 0) < 0) {
    return Fail(ErrorFromErrno(errno, "writing to " + std::string(kDirectory)));
  }
  return {};
}

}  // namespace

Result<MountRecord> MountRecord::Create(const std::string& mountpoint) {
  mkdir(std::string(kDirectory).c_str(), 0755);
  const std::string path = RecordPath(mountpoint);
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.valid()) return Fail(ErrorFromErrno(errno, "opening " + path));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return Fail(ErrorCode::kBusy, "the mount that was at " + mountpoint + " has not ended yet (process " +
                                      std::string(TrimWhitespace(ReadRecord(file.get()))) + "). Wait for its end.");
  }
  RETURN_IF_ERROR(WriteRecord(file.get(), ""));
  return MountRecord(std::move(file));
}

void MountRecord::NoteOutcome(bool clean) {
  // Without the note `cosfuse unmount` reports an unknown end, which is right when /run is full.
  static_cast<void>(WriteRecord(file_.get(), clean ? kClean : kIncomplete));
}

std::optional<MountRecordReader> MountRecordReader::Open(const std::string& mountpoint) {
  FileDescriptor file(open(RecordPath(mountpoint).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return std::nullopt;
  return MountRecordReader(std::move(file));
}

bool MountRecordReader::daemon_running() const {
  if (flock(file_.get(), LOCK_SH | LOCK_NB) != 0) return true;
  flock(file_.get(), LOCK_UN);
  return false;
}

pid_t MountRecordReader::daemon() const {
  const std::string text = ReadRecord(file_.get());
  const std::optional<uint64_t> pid = ParseNumber(std::string_view(text).substr(0, text.find('\n')));
  return static_cast<pid_t>(pid.value_or(0));
}

std::optional<bool> MountRecordReader::clean() const {
  const std::string text = ReadRecord(file_.get());
  if (text.find(kClean) != std::string::npos) return true;
  if (text.find(kIncomplete) != std::string::npos) return false;
  return std::nullopt;
}

}  // namespace cosfuse
