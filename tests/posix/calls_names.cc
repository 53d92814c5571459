#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include "tests/posix/vocabulary.h"

namespace cosfuse::testing {
namespace {

std::string ListNames(const char* path) {
  DIR* const stream = opendir(path);
  if (stream == nullptr) return Said(-1);
  std::set<std::string> names;
  while (const dirent* entry = readdir(stream)) names.insert(entry->d_name);
  closedir(stream);
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ",") + name;
  return list;
}

mode_t NodeType(const std::string& letter) {
  if (letter == "c") return S_IFCHR;
  if (letter == "b") return S_IFBLK;
  if (letter == "p") return S_IFIFO;
  if (letter == "s") return S_IFSOCK;
  return S_IFREG;
}

}  // namespace

std::string Bind(const char* path) {
  const FileDescriptor socket_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket_fd.valid()) return Said(-1);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;  // Of this interface, before any file system is asked.
    return Said(-1);
  }
  std::strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  return Said(bind(socket_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
}

void AddNameCalls(Vocabulary& words) {
  words["mkdir"] = [](Calls&, const Arguments& a) { return Said(mkdir(a.Path(0), a.Mode(1, 0755))); };
  words["mkfifo"] = [](Calls&, const Arguments& a) { return Said(mkfifo(a.Path(0), a.Mode(1, 0644))); };
  words["mknod"] = [](Calls&, const Arguments& a) {
    return Said(mknod(a.Path(0), NodeType(a.Text(1)) | a.Mode(2, 0644), makedev(1, 2)));
  };
  words["bind"] = [](Calls&, const Arguments& a) { return Bind(a.Path(0)); };
  words["symlink"] = [](Calls&, const Arguments& a) { return Said(symlink(a.Path(0), a.Path(1))); };
  words["link"] = [](Calls&, const Arguments& a) { return Said(link(a.Path(0), a.Path(1))); };
  words["unlink"] = [](Calls&, const Arguments& a) { return Said(unlink(a.Path(0))); };
  words["rmdir"] = [](Calls&, const Arguments& a) { return Said(rmdir(a.Path(0))); };
  words["rename"] = [](Calls&, const Arguments& a) { return Said(rename(a.Path(0), a.Path(1))); };
  words["rename-new"] = [](Calls&, const Arguments& a) {
    return Said(renameat2(AT_FDCWD, a.Path(0), AT_FDCWD, a.Path(1), RENAME_NOREPLACE));
  };
  words["exchange"] = [](Calls&, const Arguments& a) {
    return Said(renameat2(AT_FDCWD, a.Path(0), AT_FDCWD, a.Path(1), RENAME_EXCHANGE));
  };
  words["readlink"] = [](Calls&, const Arguments& a) {
    std::array<char, 4096> target{};
    const ssize_t size = readlink(a.Path(0), target.data(), target.size());
    return size < 0 ? Said(size) : std::string(target.data(), static_cast<size_t>(size));
  };
  words["list"] = [](Calls&, const Arguments& a) { return ListNames(a.Path(0)); };
  words["chdir"] = [](Calls&, const Arguments& a) { return Said(chdir(a.Path(0))); };
}

}  // namespace cosfuse::testing
