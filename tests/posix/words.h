#pragma once

#include <sys/stat.h>

#include <ctime>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cosfuse::testing {

/// The parts in a row.
std::string Concat(std::initializer_list<std::string_view> parts);
/// "file", "dir", "fifo", "socket", "char", "block", "symlink".
std::string TypeWord(mode_t mode);
/// The permission bits, octal: "0644".
std::string ModeWord(mode_t mode);
/// A time that a script has set (before 2001, after 2096): seconds, with a fraction of nine digits where there is one.
/// "now" for any other.
std::string TimeWord(const timespec& time);
/// Whether TimeWord says "now".
bool IsRealTime(const timespec& time);

}  // namespace cosfuse::testing
