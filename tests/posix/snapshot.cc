#include "tests/posix/snapshot.h"

#include <filesystem>
#include <sstream>
#include <string_view>
#include <vector>

#include "tests/posix/words.h"

namespace cosfuse::testing {
namespace {

bool SameMoment(const timespec& one, const timespec& other) {
  return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

std::string DescribeTime(const timespec& now, const timespec* before) {
  if (!IsRealTime(now) || before == nullptr) return TimeWord(now);
  return SameMoment(now, *before) ? "kept" : "moved";
}

/// The path that the thing had, or nothing.
const Snapshot::value_type* FindInode(const Snapshot& snapshot, const std::string& path, const struct stat& status) {
  const auto same_path = snapshot.find(path);
  if (same_path != snapshot.end() && same_path->second.st_ino == status.st_ino) return &*same_path;
  for (const auto& entry : snapshot) {
    if (entry.second.st_ino == status.st_ino && (entry.second.st_mode & S_IFMT) == (status.st_mode & S_IFMT)) {
      return &entry;
    }
  }
  return nullptr;
}

}  // namespace

Snapshot TakeSnapshot(const std::string& directory) {
  Snapshot snapshot;
  std::vector<std::string> paths = {"."};
  std::error_code ignored;  // A name may be gone: then it is missing below, too.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, ignored)) {
    paths.push_back(entry.path().lexically_relative(directory));
  }
  for (const std::string& path : paths) {
    struct stat status{};
    if (lstat(Concat({directory, "/", path}).c_str(), &status) == 0) snapshot.emplace(path, status);
  }
  return snapshot;
}

std::string Describe(const Snapshot& before, const Snapshot& after) {
  std::ostringstream out;
  for (const auto& [path, status] : after) {
    const bool is_directory = S_ISDIR(status.st_mode);
    out << path << ": " << TypeWord(status.st_mode) << " " << ModeWord(status.st_mode) << " " << status.st_uid << ":"
        << status.st_gid;
    if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)) out << " size " << status.st_size;
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) out << " device " << status.st_rdev;
    if (!is_directory) out << " links " << status.st_nlink;
    const auto* const was = FindInode(before, path, status);
    if (was == nullptr) {
      out << ", new";
    } else if (was->first != path) {
      out << ", was " << was->first;
    }
    const struct stat* const old = was == nullptr ? nullptr : &was->second;
    // Taking the snapshot reads directories and may move their times of access.
    if (!is_directory) out << ", atime " << DescribeTime(status.st_atim, old == nullptr ? nullptr : &old->st_atim);
    out << ", mtime " << DescribeTime(status.st_mtim, old == nullptr ? nullptr : &old->st_mtim);
    out << ", ctime " << DescribeTime(status.st_ctim, old == nullptr ? nullptr : &old->st_ctim) << "\n";
  }
  return out.str();
}

}  // namespace cosfuse::testing
