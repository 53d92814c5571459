#include "tests/posix/rows.h"
#include "tests/posix/words.h"

namespace cosfuse::testing {
namespace {

/// Whoever may not write to a directory changes none of its names, and whoever may does, by owner, group and others.
void AddWritableDirectories(std::vector<Row>& rows) {
  const std::vector<std::string> changes = {
      "open d/n w,creat", "mkdir d/n", "mkfifo d/n",   "mknod d/n p",  "symlink t d/n",  "bind d/n",
      "unlink d/f",       "rmdir d/e", "rename d/f n", "rename g d/n", "rename d/f d/n", "open d/n w,creat,excl"};
  for (const std::string& change : changes) {
    for (const char* const directory : {"dir d 0577 65534", "dir d 0757 65533 65534", "dir d 0775 65533"}) {
      rows.push_back({Concat({"file g 0666 65534; ", directory, "; file d/f 0666 65534; dir d/e 0777 65534"}),
                      "as 65534; " + change, "EACCES"});
    }
    rows.push_back({"file g 0666 65534; dir d 0370 65534; file d/f; dir d/e 0755", "as 65534; " + change, "0"});
  }
}

/// In a sticky directory a name belongs to whoever owns it or the directory. `owners`: of directory and name.
void AddStickyDirectories(std::vector<Row>& rows) {
  struct Owners {
    std::string directory;
    std::string name;
    bool may;
  };
  const std::vector<Owners> cases = {
      {"65534", "65534", true},  {"65534", "65533", true}, {"65533", "65534", true}, {"0", "65534", true},
      {"65533", "65533", false}, {"0", "0", false},        {"0", "65533", false},
  };
  for (const Owners& owners : cases) {
    const std::string directory = "dir d 01777 " + owners.directory;
    const std::string result = owners.may ? "0" : "EPERM";
    const std::string name = " " + owners.name;
    rows.push_back({Concat({directory, "; file d/x 0666", name}), "as 65534; unlink d/x", result});
    rows.push_back({Concat({directory, "; fifo d/x 0666", name}), "as 65534; unlink d/x", result});
    rows.push_back({Concat({directory, "; link-to d/x t -", name}), "as 65534; unlink d/x", result});
    rows.push_back({Concat({directory, "; dir d/x 0777", name}), "as 65534; rmdir d/x", result});
    rows.push_back({Concat({directory, "; file d/x 0666", name}), "as 65534; rename d/x y", result});
    rows.push_back({Concat({directory, "; file d/x 0666", name}), "as 65534; rename d/x d/y", result});
    rows.push_back(
        {Concat({directory, "; file d/x 0666", name, "; file y 0644 65534"}), "as 65534; rename y d/x", result});
    rows.push_back({Concat({directory, "; dir d/x 0777", name}), "as 65534; rename d/x d/y", result});
  }
}

const std::vector<Row> kRows = {
    {"dir d 01777 65533; file d/x 0666 65533", "unlink d/x", "0"},
    {"dir d 01777 65533; file d/x 0666 65533", "as 65534; open d/x w; write y", "0 1"},
    // Another parent needs write permission on the directory that moves: its `..` changes.
    {"dir d 0777; dir d/x 0755 65533; dir e 0777", "as 65534; rename d/x e/x", "EACCES"},
    {"dir d 0777; dir d/x 0755 65533", "as 65534; rename d/x d/y", "0"},
    {"dir d 0777; dir d/x 0755 65534; dir e 0777", "as 65534; rename d/x e/x", "0"},
    {"dir d 0; file d/x", "unlink d/x", "0"},
    {"dir d 0555; file d/x", "rename d/x d/y", "0"},
    {"dir d 0711; file d/x 0644", "as 65534; open d/x r; list d", "0 EACCES"},
};

}  // namespace

std::vector<Row> PermissionRows() {
  std::vector<Row> rows;
  AddWritableDirectories(rows);
  AddStickyDirectories(rows);
  rows.insert(rows.end(), kRows.begin(), kRows.end());
  return rows;
}

}  // namespace cosfuse::testing
