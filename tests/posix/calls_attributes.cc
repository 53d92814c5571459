#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/posix/vocabulary.h"
#include "tests/posix/words.h"

namespace cosfuse::testing {
namespace {

std::string Field(const struct stat& status, const std::string& name) {
  if (name == "type") return TypeWord(status.st_mode);
  if (name == "mode") return ModeWord(status.st_mode);
  if (name == "owner") return std::to_string(status.st_uid) + ":" + std::to_string(status.st_gid);
  if (name == "size") return std::to_string(status.st_size);
  if (name == "links") return std::to_string(status.st_nlink);
  if (name == "atime") return TimeWord(status.st_atim);
  if (name == "mtime") return TimeWord(status.st_mtim);
  if (name == "device") return std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
  _exit(kBadScript);
}

}  // namespace

std::string SetTimes(const Arguments& arguments, int flags) {
  return Said(utimensat(AT_FDCWD, arguments.Path(0), arguments.Times(1).data(), flags));
}

std::string Show(int result, const struct stat& status, const Arguments& arguments, size_t first) {
  if (result < 0) return Said(result);
  std::string shown;
  for (size_t i = first; i < arguments.size(); ++i)
    shown += (shown.empty() ? "" : ",") + Field(status, arguments.Text(i));
  return shown.empty() ? "0" : shown;
}

void AddAttributeCalls(Vocabulary& words) {
  words["chmod"] = [](Calls&, const Arguments& a) { return Said(chmod(a.Path(0), a.Mode(1, 0))); };
  words["chown"] = [](Calls&, const Arguments& a) { return Said(chown(a.Path(0), a.Id(1), a.Id(2))); };
  words["lchown"] = [](Calls&, const Arguments& a) { return Said(lchown(a.Path(0), a.Id(1), a.Id(2))); };
  words["utimens"] = [](Calls&, const Arguments& a) { return SetTimes(a, 0); };
  words["lutimens"] = [](Calls&, const Arguments& a) { return SetTimes(a, AT_SYMLINK_NOFOLLOW); };
  words["utime-null"] = [](Calls&, const Arguments& a) { return Said(utimensat(AT_FDCWD, a.Path(0), nullptr, 0)); };
  words["stat"] = [](Calls&, const Arguments& a) {
    struct stat status{};
    return Show(stat(a.Path(0), &status), status, a, 1);
  };
  words["lstat"] = [](Calls&, const Arguments& a) {
    struct stat status{};
    return Show(lstat(a.Path(0), &status), status, a, 1);
  };
  words["access"] = [](Calls&, const Arguments& a) {
    int wanted = F_OK;
    if (a.Text(1).find('r') != std::string::npos) wanted |= R_OK;
    if (a.Text(1).find('w') != std::string::npos) wanted |= W_OK;
    if (a.Text(1).find('x') != std::string::npos) wanted |= X_OK;
    return Said(access(a.Path(0), wanted));
  };
  words["truncate"] = [](Calls&, const Arguments& a) { return Said(truncate(a.Path(0), a.Number(1))); };
}

}  // namespace cosfuse::testing
