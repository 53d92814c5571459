#include "tests/posix/rows.h"

namespace cosfuse::testing {
namespace {

/// Anything may take the place of anything, but that directories and other things do not replace each other.
void AddReplacements(std::vector<Row>& rows) {
  const std::vector<std::string> kinds = {"file", "fifo", "socket", "char", "block"};
  for (const std::string& kind : kinds) {
    rows.push_back({kind + " a", "rename a b; lstat a; lstat b type", "0 ENOENT " + kind});
    rows.push_back({kind + " a; fifo b", "rename a b; lstat a; lstat b type", "0 ENOENT " + kind});
    rows.push_back({"link-to a t; " + kind + " b", "rename a b; lstat a; lstat b type", "0 ENOENT symlink"});
    rows.push_back({kind + " a; dir b", "rename a b", "EISDIR"});
    rows.push_back({"dir a; " + kind + " b", "rename a b", "ENOTDIR"});
    rows.push_back({kind + " a; dir b; file b/x", "rename a b", "EISDIR"});
    rows.push_back({kind + " a", "rename a a; lstat a type", "0 " + kind});
    rows.push_back({kind + " a; dir d", "rename a d/b; lstat d/b type", "0 " + kind});
  }
}

const std::vector<Row> kRenameRows = {
    {"link-to a t", "rename a b; readlink b", "0 t"},
    {"file a; link-to b t", "rename a b; lstat b type", "0 file"},
    {"link-to a t; dir b", "rename a b", "EISDIR"},
    {"dir a; link-to b a", "rename a b", "ENOTDIR"},
    {"file t; link-to a t", "rename a t; lstat t type", "0 symlink"},
    {"file t; link-to b t; file a", "rename a b; lstat b type; lstat t type", "0 file file"},
    // Directories.
    {"dir a 0750 65534", "rename a b", "0"},
    {"dir a; dir b", "rename a b; lstat a; lstat b type", "0 ENOENT dir"},
    {"dir a; dir b", "open b r,directory; rename a b; fstat links", "0 0 0"},
    {"dir a; dir b; file b/x", "rename a b", "ENOTEMPTY"},
    {"dir a; dir b; dir b/x", "rename a b", "ENOTEMPTY"},
    {"dir a; file a/x; dir b", "rename a b; list b", "0 .,..,x"},
    {"dir a; file a/x 0600 65534; fifo a/p; link-to a/l t; dir a/d; file a/d/y", "rename a b", "0"},
    {"dir a; file a/x; dir d", "rename a d/b; list d/b; list .", "0 .,..,x .,..,d"},
    {"dir a", "rename a a", "0"},
    {"dir a", "rename a a/b", "EINVAL"},
    {"dir a; dir a/b", "rename a a/b", "EINVAL"},
    {"dir a; dir a/b", "rename a a/b/c", "EINVAL"},
    {"dir a; dir a/b", "rename a/b a", "ENOTEMPTY"},
    {"dir a; file a/b", "rename a/b a", "ENOTEMPTY"},
    {"dir a", "rename a/. b", "EBUSY"},
    {"dir a; dir b", "rename a/.. b", "EBUSY"},
    {"dir a; dir b", "rename a b/.", "EBUSY"},
    {"dir a", "rename . b", "EBUSY"},
    {"dir a", "rename a .", "EBUSY"},
    {"dir a", "rename a/ b; lstat b type", "0 dir"},
    {"dir a", "rename a b/; lstat b type", "0 dir"},
    {"file a", "rename a b/", "ENOTDIR"},
    {"file a", "rename a/ b", "ENOTDIR"},
    {"file a; dir b", "rename a b/", "ENOTDIR"},
    {"", "rename none b", "ENOENT"},
    {"file b", "rename none b; lstat b type", "ENOENT file"},
    {"", "rename none none", "ENOENT"},
    {"file a", "rename a none/b", "ENOENT"},
    {"dir a; link-to l a", "rename l b; lstat b type; lstat a type", "0 symlink dir"},
    {"dir a; link-to l a", "rename l/ b", "ENOTDIR"},
    {"dir a; dir d; link-to l d", "rename a l/b; lstat d/b type", "0 dir"},
    // With RENAME_NOREPLACE.
    {"file a", "rename-new a b; lstat b type", "0 file"},
    {"file a; file b", "rename-new a b", "EEXIST"},
    {"file a; dir b", "rename-new a b", "EEXIST"},
    {"dir a; dir b", "rename-new a b", "EEXIST"},
    {"dir a; file a/x", "rename-new a b; list b", "0 .,..,x"},
    {"file a; link-to b none", "rename-new a b", "EEXIST"},
    {"file a", "rename-new a a", "EEXIST"},
    {"dir a", "rename-new a a/b", "EINVAL"},
    {"", "rename-new none b", "ENOENT"},
    {"file a; fifo b", "exchange a b", "0"},
    {"file a", "exchange a none", "ENOENT"},
    // What is open goes with it.
    {"file a", "open a rw; rename a b; pwrite XY 0; close; open b r; read 20", "0 0 2 0 0 XY23456789"},
    {"file a", "open a rw; rename a b; fstat links; open a w,creat,excl; lstat a size", "0 0 1 0 0"},
    {"", "open a rw,creat; write abc; rename a b; write def; close; open b r; read 9", "0 3 0 3 0 0 abcdef"},
    {"dir a; file a/x", "open a/x rw; rename a b; pwrite XY 0; close; open b/x r; read 20", "0 0 2 0 0 XY23456789"},
    {"dir a; file a/x", "chdir a; rename ../a ../b; open x r; read 4; stat ../b type", "0 0 0 0123 dir"},
    {"dir a", "chdir a; rename ../a ../b; mkdir c; list ../b", "0 0 0 .,..,c"},
    {"file a; file b", "rename a b; rename b a; list .", "0 0 .,..,a"},
    {"dir a; file a/x", "rename a b; mkdir a; rename b/x a/x; rmdir b; list a", "0 0 0 0 .,..,x"},
    {"dir a; dir b", "rename a b/a; rename b/a a; list b", "0 0 .,.."},
    // It tells the times apart: both directories have changed.
    {"dir d; dir e; file d/x", "rename d/x e/x", "0"},
    {"dir d; dir e; dir d/x", "rename d/x e/x", "0"},
    {"dir d; dir e; file d/x", "rename d/x e/none/x", "ENOENT"},
    {"dir d; file d/a; file d/b", "rename d/a d/b", "0"},
};

}  // namespace

std::vector<Row> RenameRows() {
  std::vector<Row> rows;
  AddReplacements(rows);
  rows.insert(rows.end(), kRenameRows.begin(), kRenameRows.end());
  return rows;
}

}  // namespace cosfuse::testing
