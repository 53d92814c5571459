#pragma once

#include <string>
#include <vector>

namespace cosfuse::testing {

/// One row of the table: what is there, what a program does, and what it is told. `state` and `action` are scripts
/// (script.h); they run in an empty directory of the row's own, in which everybody may write, `state` as root. `result`
/// is what each step of the action says, separated by spaces. What the directory looks like afterwards is not written
/// down: on the mount it is what it is on the local disk.
struct Row {
  std::string state;
  std::string action;
  std::string result;
};

/// A part of the table.
struct Topic {
  const char* name;
  std::vector<Row> (*rows)();
};

// The users of the rows, beside root, are 65533 and 65534; each has a group of the same number.

/// Every call that takes a path × everything that can be wrong on the way to its last component.
std::vector<Row> PathRows();
/// Making and removing names: mkdir, mkfifo, mknod, bind, symlink, link, unlink, rmdir.
std::vector<Row> NameRows();
std::vector<Row> RenameRows();
/// open, creat, and what goes through a descriptor: read, write, lseek, truncate.
std::vector<Row> FileRows();
/// chmod, chown, utimensat, stat, access.
std::vector<Row> AttributeRows();
/// flock and fcntl between the programs of one machine.
std::vector<Row> LockRows();
/// What the permissions of a directory, sticky or not, let others do to its names.
std::vector<Row> PermissionRows();

/// A row that says something else on the mount, and why that has to be so.
struct AllowedDifference {
  std::string state;
  std::string action;
  std::string on_mount;  ///< What the mount says instead.
  std::string reason;    ///< As docs/SEMANTICS.md has it.
};
const std::vector<AllowedDifference>& AllowedDifferences();

}  // namespace cosfuse::testing
