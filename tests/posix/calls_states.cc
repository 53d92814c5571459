#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <string_view>

#include "tests/posix/vocabulary.h"

namespace cosfuse::testing {
namespace {

/// The bytes of a file that a state has.
constexpr std::string_view kContent = "0123456789";

/// UID[:GID[,GID…]]; the groups beyond the first are supplementary. The system calls themselves: glibc's wrappers act
/// on all threads, of which a fork of many leaves one. The saved ids stay root's, so that a script can come back.
std::string BecomeUser(const std::string& who) {
  const size_t colon = who.find(':');
  const auto uid = static_cast<uid_t>(who == "root" ? 0 : std::stoul(who));
  std::vector<gid_t> groups;
  std::istringstream text(colon == std::string::npos ? std::to_string(uid) : who.substr(colon + 1));
  for (std::string group; std::getline(text, group, ',');) groups.push_back(static_cast<gid_t>(std::stoul(group)));
  if (syscall(SYS_setresuid, 0, 0, 0) != 0) return Said(-1);
  if (syscall(SYS_setgroups, groups.size(), groups.data()) != 0) return Said(-1);
  if (syscall(SYS_setresgid, groups[0], groups[0], 0) != 0) return Said(-1);
  return syscall(SYS_setresuid, uid, uid, 0) != 0 ? Said(-1) : "";
}

std::string CopyProgram(const char* from, const char* to) {
  const FileDescriptor source(open(from, O_RDONLY | O_CLOEXEC));
  const FileDescriptor target(open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755));
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = read(source.get(), buffer.data(), buffer.size());
    if (got <= 0) return got < 0 ? Said(got) : "";
    if (write(target.get(), buffer.data(), static_cast<size_t>(got)) != got) return Said(-1);
  }
}

/// For a step that makes a state: nothing when it has worked.
std::string Made(const std::string& said) { return said == "0" ? "" : said; }

/// MODE and owner, from argument `first` on, of what has just been made under argument 0.
std::string Finish(const std::string& said, const Arguments& arguments, size_t first) {
  const char* const path = arguments.Path(0);
  if (said != "0") return said;
  if (arguments.size() > first + 1) {
    const uid_t owner = arguments.Id(first + 1);
    const gid_t group = arguments.size() > first + 2 ? arguments.Id(first + 2) : owner;
    if (lchown(path, owner, group) != 0) return Said(-1);
  }
  if (arguments.size() <= first || arguments.Text(first) == "-") return "";
  return Made(Said(chmod(path, arguments.Mode(first, 0))));
}

std::string MakeFile(const Arguments& arguments) {
  const FileDescriptor fd(open(arguments.Path(0), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd.valid()) return Said(-1);
  return write(fd.get(), kContent.data(), kContent.size()) < 0 ? Said(-1) : "0";
}

}  // namespace

/// `file P [MODE [UID [GID]]]` and so on; a mode `-` is left as it came.
void AddStates(Vocabulary& words) {
  words["file"] = [](Calls&, const Arguments& a) { return Finish(MakeFile(a), a, 1); };
  words["empty"] = [](Calls&, const Arguments& a) { return Finish(Said(mknod(a.Path(0), S_IFREG | 0644, 0)), a, 1); };
  words["dir"] = [](Calls&, const Arguments& a) { return Finish(Said(mkdir(a.Path(0), 0755)), a, 1); };
  words["fifo"] = [](Calls&, const Arguments& a) { return Finish(Said(mkfifo(a.Path(0), 0644)), a, 1); };
  words["socket"] = [](Calls&, const Arguments& a) { return Finish(Bind(a.Path(0)), a, 1); };
  words["char"] = [](Calls&, const Arguments& a) {
    return Finish(Said(mknod(a.Path(0), S_IFCHR | 0644, makedev(1, 2))), a, 1);
  };
  words["block"] = [](Calls&, const Arguments& a) {
    return Finish(Said(mknod(a.Path(0), S_IFBLK | 0644, makedev(1, 2))), a, 1);
  };
  words["link-to"] = [](Calls&, const Arguments& a) { return Finish(Said(symlink(a.Path(1), a.Path(0))), a, 2); };
  words["times"] = [](Calls&, const Arguments& a) { return Made(SetTimes(a, AT_SYMLINK_NOFOLLOW)); };
  words["program"] = [](Calls&, const Arguments& a) { return CopyProgram("/bin/sleep", a.Path(0)); };
  words["as"] = [](Calls&, const Arguments& a) { return BecomeUser(a.Text(0)); };
  words["umask"] = [](Calls&, const Arguments& a) {
    umask(a.Mode(0, 0));
    return std::string();
  };
}

}  // namespace cosfuse::testing
