#include "tests/posix/rows.h"

namespace cosfuse::testing {
namespace {

void AddTypes(std::vector<Row>& rows) {
  // Whatever has the name, nothing can be made under it.
  for (const char* const present : {"file x", "dir x", "fifo x", "socket x", "char x", "block x", "link-to x none"}) {
    for (const char* const call : {"mkdir x", "mkfifo x", "mknod x c", "symlink t x", "open x w,creat,excl"}) {
      rows.push_back({present, call, "EEXIST"});
    }
    rows.push_back({present, "bind x", "EADDRINUSE"});
  }
  // What has no entries is removed by unlink, whatever it is; a directory is not.
  for (const char* const present : {"file x", "fifo x", "socket x", "char x", "block x", "link-to x none"}) {
    rows.push_back({present, "unlink x; lstat x", "0 ENOENT"});
    rows.push_back({present, "rmdir x", "ENOTDIR"});
  }
}

const std::vector<Row> kMakingRows = {
    // Modes: the umask takes away, and the mode that mkdir is given knows no setuid.
    {"", "mkdir d 0755", "0"},
    {"", "mkdir d 0151", "0"},
    {"", "umask 077; mkdir d 0151", "0"},
    {"", "umask 070; mkdir d 0345", "0"},
    {"", "umask 0501; mkdir d 0345", "0"},
    {"", "umask 0; mkdir d 07777", "0"},
    {"", "umask 0; mkdir d 01777", "0"},
    {"", "mkfifo p 0755", "0"},
    {"", "umask 077; mkfifo p 0151", "0"},
    {"", "umask 0501; mkfifo p 0345", "0"},
    {"", "mknod c c 0755", "0"},
    {"", "umask 077; mknod b b 0151", "0"},
    {"", "umask 0501; mknod s s 0345", "0"},
    {"", "umask 0; mknod f f 06777", "0"},
    {"", "mknod c c 0644; lstat c type device", "0 char,1:2"},
    {"", "mknod b b 0644; lstat b type device", "0 block,1:2"},
    {"", "umask 0; symlink t l", "0"},
    {"", "umask 077; symlink t l", "0"},
    {"", "umask 0; bind s", "0"},
    {"", "umask 077; bind s", "0"},
    // Owners: the caller's, or the directory's group where it says so.
    {"", "as 65534; mkdir d", "0"},
    {"", "as 65534:65533; mkdir d", "0"},
    {"", "as 65534:65533,65532; mkfifo p", "0"},
    {"", "as 65534; symlink t l", "0"},
    {"", "as 65534; bind s", "0"},
    {"", "as 65534; mknod p p", "0"},
    {"", "as 65534; mknod f f", "0"},
    {"", "as 65534; mknod c c", "EPERM"},
    {"", "as 65534; mknod b b", "EPERM"},
    {"dir d 0777 65533", "as 65534; mkdir d/x; mkfifo d/p; open d/f w,creat; symlink t d/l", "0 0 0 0"},
    {"dir d 02777 65533", "as 65534; mkdir d/x", "0"},
    {"dir d 02777 65533", "as 65534; mkfifo d/p", "0"},
    {"dir d 02777 65533", "as 65534; open d/f w,creat 0644", "0"},
    {"dir d 02777 65533", "as 65534; umask 0; open d/f w,creat 02775", "0"},
    {"dir d 02777 65533", "as 65534:65534,65533; umask 0; open d/f w,creat 02775", "0"},
    {"dir d 02777 65533", "as 65534; symlink t d/l", "0"},
    {"dir d 02777 65533", "as 65534; bind d/s", "0"},
    {"dir d 02755 65534 65533", "as 65534; mkdir d/x; mkdir d/x/y", "0 0"},
    {"dir d 03777 65533", "umask 0; mkdir d/x 0777", "0"},
    // Where a name may end.
    {"", "mkdir d/", "0"},
    {"", "mkdir d//", "0"},
    {"", "mkdir .", "EEXIST"},
    {"", "mkdir ..", "EEXIST"},
    {"dir d", "mkdir d/.", "EEXIST"},
    {"dir d", "mkdir d/..", "EEXIST"},
    {"", "mkdir d/.", "ENOENT"},
    {"", "mkfifo p/", "ENOENT"},
    {"", "symlink t l/", "ENOENT"},
    {"", "mknod c/ c", "ENOENT"},
    {"", "open f/ w,creat", "EISDIR"},
    {"link-to l none", "mkdir l/", "EEXIST"},
    {"link-to l d", "mkdir l", "EEXIST"},
    {"link-to l none", "mkfifo l", "EEXIST"},
    {"dir d; link-to l d", "mkdir l/x; lstat d/x type", "0 dir"},
    // As long as a name may be, and not a byte more.
    {"", "mkdir @255", "0"},
    {"", "mkfifo @255", "0"},
    {"", "symlink t @255; readlink @255", "0 t"},
    {"", "open @255 w,creat; unlink @255", "0 0"},
    {"dir d", "mkdir d/@255; rmdir d/@255", "0 0"},
    {"dir d", "rename d @255; rename @255 e; lstat e type", "0 0 dir"},
    {"dir d; file d/f", "stat %4092d/f type", "file"},
    {"dir d; file d/f", "stat %4094d/f type", "ENAMETOOLONG"},
    {"file f", "stat %4094f type", "file"},
    {"", "mkdir @128; mkdir @128/@128; rmdir @128/@128; rmdir @128", "0 0 0 0"},
    // A path of more than a thousand bytes, and a name that the mount keeps for itself.
    {"dir @250; dir @250/@250; dir @250/@250/@250; dir @250/@250/@250/@250", "mkdir @250/@250/@250/@250/@30", "0"},
    {"", "open f%file w,creat", "0"},
    // What a link may point to.
    {"", "symlink @255 l; readlink l", "0 " + std::string(255, 'x')},
    {"", "symlink @4095 l; readlink l", "0 " + std::string(4095, 'x')},
    {"", "symlink @4096 l", "ENAMETOOLONG"},
    {"", "symlink '' l", "ENOENT"},
    {"", "symlink /a/b/../c l; readlink l", "0 /a/b/../c"},
    {"", "symlink l l; stat l; lstat l type", "0 ELOOP symlink"},
    {"file f; link-to l f", "stat l type; lstat l type size", "file symlink,1"},
    {"file f", "readlink f", "EINVAL"},
    {"dir d", "readlink d", "EINVAL"},
    {"fifo p", "readlink p", "EINVAL"},
    {"", "readlink none", "ENOENT"},
    {"link-to l none", "stat l; lstat l type", "ENOENT symlink"},
    {"dir d; link-to l d; file d/f", "lstat l/f type; lstat l/ type", "file dir"},
    {"link-to l1 l2; link-to l2 l3; link-to l3 f; file f", "stat l1 type", "file"},
    // Two names for one object there are not.
    {"file f", "link f g", "0"},
    {"file f; file g", "link f g", "EEXIST"},
    {"dir d", "link d e", "EPERM"},
    {"", "link none g", "ENOENT"},
};

const std::vector<Row> kRemovingRows = {
    {"dir d", "unlink d", "EISDIR"},
    {"dir d", "unlink d/", "EISDIR"},
    {"dir d", "as 65534; unlink d", "EISDIR"},
    {"file f", "unlink f/", "ENOTDIR"},
    {"link-to l d; dir d", "unlink l/", "ENOTDIR"},
    {"link-to l d; dir d", "unlink l; lstat d type", "0 dir"},
    {"link-to l d; dir d", "rmdir l", "ENOTDIR"},
    {"link-to l d; dir d", "rmdir l/", "ENOTDIR"},
    {"", "unlink .", "EISDIR"},
    {"", "unlink none", "ENOENT"},
    {"file f", "unlink f; unlink f", "0 ENOENT"},
    {"dir d; file d/f", "unlink d/f; list d", "0 .,.."},
    {"dir d", "rmdir d; lstat d", "0 ENOENT"},
    {"dir d", "rmdir d/", "0"},
    {"dir d", "rmdir d; rmdir d", "0 ENOENT"},
    {"dir d", "open d r,directory; rmdir d; mkdir d; list d", "0 0 0 .,.."},
    {"dir d; dir d/e", "rmdir d", "ENOTEMPTY"},
    {"dir d; file d/f", "rmdir d", "ENOTEMPTY"},
    {"dir d; fifo d/p", "rmdir d", "ENOTEMPTY"},
    {"dir d; link-to d/l none", "rmdir d", "ENOTEMPTY"},
    {"dir d; socket d/s", "rmdir d", "ENOTEMPTY"},
    {"dir d; char d/c", "rmdir d", "ENOTEMPTY"},
    {"dir d; file d/f", "unlink d/f; rmdir d", "0 0"},
    {"dir d; dir d/e", "rmdir d/e; rmdir d", "0 0"},
    {"dir d", "rmdir d/.", "EINVAL"},
    {"dir d; dir d/e", "rmdir d/e/..", "ENOTEMPTY"},
    {"", "rmdir .", "EINVAL"},
    {"", "rmdir ..", "ENOTEMPTY"},
    {"", "rmdir none", "ENOENT"},
    {"dir d", "chdir d; rmdir ../d; open f w,creat", "0 0 ENOENT"},
    {"dir d", "chdir d; rmdir ../d; mkdir e", "0 0 ENOENT"},
    {"dir d", "chdir d; rmdir ../d; stat . type", "0 0 dir"},
    {"dir d", "chdir d; rmdir ../d; list .", "0 0"},
    {"dir d", "open d r,directory; rmdir d; fstat type links", "0 0 dir,0"},
    // What is open goes on without a name.
    {"file f", "open f r; unlink f; fstat links size", "0 0 0,10"},
    {"file f", "open f r; unlink f; read 20", "0 0 0123456789"},
    {"file f", "open f rw; unlink f; pwrite abc 4; pread 20 0", "0 0 3 0123abc789"},
    {"file f", "open f rw; unlink f; ftruncate 4; fstat size links", "0 0 0 4,0"},
    {"file f", "open f rw; unlink f; fchmod 0600; fstat mode", "0 0 0 0600"},
    {"file f", "open f rw; unlink f; fchown 1 2; fstat owner", "0 0 0 1:2"},
    {"file f", "open f rw; unlink f; futimens 100 200; fstat atime mtime", "0 0 0 100,200"},
    {"file f", "open f rw; unlink f; open f w,creat,excl; write new; fstat size links", "0 0 0 3 3,1"},
    {"file f", "open f rw; unlink f; mkdir f; fstat type links", "0 0 0 file,0"},
    {"", "open f rw,creat; write abc; unlink f; pread 9 0; fstat links", "0 3 0 abc 0"},
    {"", "open f rw,creat; unlink f; write abc; pread 9 0; close; lstat f", "0 0 3 abc 0 ENOENT"},
    {"fifo p", "open p r,nonblock; unlink p; fstat type links", "0 0 fifo,0"},
    {"file f; file g", "open g rw; rename f g; fstat links; pread 9 0", "0 0 0 012345678"},
    // Names of a directory.
    {"dir d; dir d/e; dir d/f", "stat d links", "4"},
    {"dir d; file d/f; dir d/e; link-to d/l none; fifo d/p", "list d", ".,..,e,f,l,p"},
    {"", "list none", "ENOENT"},
    {"file f", "list f", "ENOTDIR"},
    {"dir d; link-to l d; file d/f", "list l", ".,..,f"},
    {"dir d 0300 65534; file d/f", "as 65534; list d; lstat d/f type", "EACCES file"},
    {"dir d 0444 65534; file d/f", "as 65534; list d; lstat d/f type", ".,..,f EACCES"},
};

}  // namespace

std::vector<Row> NameRows() {
  std::vector<Row> rows;
  AddTypes(rows);
  rows.insert(rows.end(), kMakingRows.begin(), kMakingRows.end());
  rows.insert(rows.end(), kRemovingRows.begin(), kRemovingRows.end());
  return rows;
}

}  // namespace cosfuse::testing
