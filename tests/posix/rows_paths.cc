#include <array>
#include <string>
#include <string_view>

#include "tests/posix/rows.h"
#include "tests/posix/words.h"

namespace cosfuse::testing {
namespace {

/// Each call that looks a path up; $ is the path.
constexpr std::array<std::string_view, 25> kCallsOnAPath = {
    "open $ r", "open $ rw",   "open $ w,creat 0644", "creat $ 0644", "mkdir $ 0755", "mkfifo $ 0644", "mknod $ c 0644",
    "bind $",   "symlink t $", "readlink $",          "link $ new",   "link other $", "rename $ new",  "rename other $",
    "unlink $", "rmdir $",     "truncate $ 3",        "chmod $ 0600", "chown $ 1 1",  "lchown $ 1 1",  "utimens $ 1 2",
    "stat $",   "lstat $",     "access $ r",          "list $"};

/// What can be wrong on the way, and what every call then says.
struct PathFault {
  std::string_view state;
  std::string_view before;  ///< A step of the action: who asks.
  std::string_view path;
  std::string_view result;
};
constexpr std::array<PathFault, 12> kPathFaults = {{
    {"file f", "", "f/x", "ENOTDIR"},
    {"fifo p", "", "p/x/y", "ENOTDIR"},
    {"dir d", "", "none/x", "ENOENT"},
    {"link-to l none", "", "l/x", "ENOENT"},
    {"link-to a b; link-to b a", "", "a/x", "ELOOP"},
    {"dir d 0700; file d/x", "as 65534; ", "d/x", "EACCES"},
    {"dir d 0677 65534; file d/x", "as 65534; ", "d/x", "EACCES"},
    {"", "", "''", "ENOENT"},
    {"", "", "@256", "ENAMETOOLONG"},
    {"dir d", "", "d/@256", "ENAMETOOLONG"},
    {"", "", "@256/x", "ENAMETOOLONG"},
    {"", "", "%4096", "ENAMETOOLONG"},
}};

std::string WithPath(std::string_view call, std::string_view path) {
  std::string action(call);
  return action.replace(action.find('$'), 1, path);
}

void AddRows(std::vector<Row>& rows, const PathFault& fault) {
  for (const std::string_view call : kCallsOnAPath) {
    // An empty address makes bind(2) choose one outside of any file system.
    if (call == "bind $" && fault.path == "''") continue;
    std::string state(fault.state);
    // What two paths are given to comes first, so that it is there.
    if (call.find("other") != std::string_view::npos) {
      state = Concat({"file other 0644 65534", state.empty() ? "" : "; ", state});
    }
    rows.push_back(
        {std::move(state), std::string(fault.before) + WithPath(call, fault.path), std::string(fault.result)});
  }
}

}  // namespace

std::vector<Row> PathRows() {
  std::vector<Row> rows;
  for (const PathFault& fault : kPathFaults) AddRows(rows, fault);
  return rows;
}

}  // namespace cosfuse::testing
