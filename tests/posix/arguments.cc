#include "tests/posix/arguments.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <sstream>

namespace cosfuse::testing {
namespace {

/// "now", "omit", or seconds with a fraction.
timespec TimeArgument(const std::string& text) {
  if (text == "now") return {.tv_sec = 0, .tv_nsec = UTIME_NOW};
  if (text == "omit") return {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
  const size_t dot = text.find('.');
  const long nanoseconds = dot == std::string::npos ? 0 : std::stol((text.substr(dot + 1) + "000000000").substr(0, 9));
  return {.tv_sec = std::stol(text), .tv_nsec = nanoseconds};
}

}  // namespace

const std::string& Arguments::Text(size_t i) const {
  if (i + 1 >= words_.size()) _exit(kBadScript);
  return words_[i + 1];
}

mode_t Arguments::Mode(size_t i, mode_t otherwise) const {
  return i < size() ? static_cast<mode_t>(std::stoul(Text(i), nullptr, 8)) : otherwise;
}

std::vector<std::string> Arguments::List(size_t i) const {
  std::vector<std::string> items;
  std::istringstream text(Text(i));
  for (std::string item; std::getline(text, item, ',');) items.push_back(item);
  return items;
}

int Arguments::OpenFlags(size_t i) const {
  static const std::map<std::string, int, std::less<>> kFlags = {
      {"r", O_RDONLY},          {"w", O_WRONLY},          {"rw", O_RDWR},
      {"creat", O_CREAT},       {"excl", O_EXCL},         {"trunc", O_TRUNC},
      {"append", O_APPEND},     {"nofollow", O_NOFOLLOW}, {"directory", O_DIRECTORY},
      {"nonblock", O_NONBLOCK}, {"path", O_PATH},         {"noatime", O_NOATIME},
      {"sync", O_SYNC}};
  int flags = O_CLOEXEC;
  for (const std::string& name : List(i)) flags |= kFlags.at(name);
  return flags;
}

std::array<timespec, 2> Arguments::Times(size_t first) const {
  return {TimeArgument(Text(first)), TimeArgument(Text(first + 1))};
}

}  // namespace cosfuse::testing
