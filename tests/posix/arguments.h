#pragma once

#include <sys/types.h>

#include <array>
#include <ctime>
#include <string>
#include <vector>

namespace cosfuse::testing {

/// The arguments of one step of a script: the words after the first. A script that has too few ends the process.
class Arguments {
 public:
  explicit Arguments(const std::vector<std::string>& words) : words_(words) {}

  size_t size() const { return words_.size() - 1; }
  const std::string& Text(size_t i) const;
  std::vector<std::string> All() const { return {words_.begin() + 1, words_.end()}; }
  const char* Path(size_t i) const { return Text(i).c_str(); }
  long Number(size_t i) const { return std::stol(Text(i)); }
  /// Octal; `otherwise` where there is none.
  mode_t Mode(size_t i, mode_t otherwise) const;
  /// "-1" leaves an owner as it is.
  uid_t Id(size_t i) const { return static_cast<uid_t>(Number(i)); }
  /// Words with commas between them.
  std::vector<std::string> List(size_t i) const;
  /// Flags of open(2): "w,creat".
  int OpenFlags(size_t i) const;
  /// Two arguments: "now", "omit", or seconds with a fraction.
  std::array<timespec, 2> Times(size_t first) const;

 private:
  const std::vector<std::string>& words_;
};

/// How a process ends whose script makes no sense.
inline constexpr int kBadScript = 99;

}  // namespace cosfuse::testing
