#include "tests/posix/words.h"

#include <cstdio>

namespace cosfuse::testing {

std::string Concat(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string TypeWord(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return "file";
    case S_IFDIR: return "dir";
    case S_IFIFO: return "fifo";
    case S_IFSOCK: return "socket";
    case S_IFCHR: return "char";
    case S_IFBLK: return "block";
    case S_IFLNK: return "symlink";
    default: return "unknown";
  }
}

std::string ModeWord(mode_t mode) {
  char text[16];
  std::snprintf(text, sizeof(text), "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

bool IsRealTime(const timespec& time) {
  constexpr time_t kFirst = 1'000'000'000;
  constexpr time_t kLast = 4'000'000'000;
  return time.tv_sec >= kFirst && time.tv_sec < kLast;
}

std::string TimeWord(const timespec& time) {
  if (IsRealTime(time)) return "now";
  std::string text = std::to_string(time.tv_sec);
  if (time.tv_nsec == 0) return text;
  char fraction[16];
  std::snprintf(fraction, sizeof(fraction), ".%09ld", static_cast<long>(time.tv_nsec));
  return text + fraction;
}

}  // namespace cosfuse::testing
