#include "tests/posix/rows.h"

namespace cosfuse::testing {
namespace {

/// What is true of everything that is no link.
void AddKinds(std::vector<Row>& rows) {
  for (const char* const kind : {"file", "dir", "fifo", "socket", "char", "block"}) {
    const std::string made = std::string(kind) + " x";
    rows.push_back({made, "chmod x 0111", "0"});
    rows.push_back({made, "chmod x 06555; stat x mode", "0 6555"});
    rows.push_back({made + " 0644", "chmod x 0644", "0"});
    rows.push_back({made, "chown x 123 456", "0"});
    rows.push_back({made, "chown x 0 0", "0"});
    rows.push_back({made + " 06555 65534", "chown x 65533 65533", "0"});
    rows.push_back({made + " 06555 65534", "as 65534:65534,65533; chown x 65534 65533", "0"});
    rows.push_back({made, "as 65534; chmod x 0600", "EPERM"});
    rows.push_back({made, "as 65534; chown x 65534 65534", "EPERM"});
    rows.push_back({made, "as 65534; chown x -1 -1", "0"});
    rows.push_back({made, "utimens x 100 200.5", "0"});
    rows.push_back({made, "as 65534; utimens x 100 200", "EPERM"});
    rows.push_back(
        {made + "; link-to l x", "chmod l 0700; chown l 7 8; utimens l 100 200; lstat l owner", "0 0 0 0:0"});
  }
}

const std::vector<Row> kModeRows = {
    {"file f 0 65534", "as 65534; chmod f 0640", "0"},
    {"file f 0644 65534", "as 65533; chmod f 0640", "EPERM"},
    {"dir d 0755 65534", "as 65534; chmod d 01777", "0"},
    {"file f 0644 65534", "as 65534; chmod f 01644; stat f mode", "0 1644"},
    // Setgid of a group that the owner is not in.
    {"file f 0755 65534 65533", "as 65534; chmod f 02755; stat f mode", "0 0755"},
    {"file f 0755 65534 65533", "as 65534:65534,65533; chmod f 02755; stat f mode", "0 2755"},
    {"file f 0755 65534 65534", "as 65534; chmod f 02755; stat f mode", "0 2755"},
    {"file f 0755 65534 65533", "chmod f 02755; stat f mode", "0 2755"},
    {"dir d 0755 65534 65533", "as 65534; chmod d 02755; stat d mode", "0 0755"},
    {"file f 0644 65534", "as 65534; chmod f 04755; stat f mode", "0 4755"},
    {"", "chmod none 0644", "ENOENT"},
    {"link-to l none", "chmod l 0644", "ENOENT"},
    {"link-to l l", "chmod l 0644", "ELOOP"},
    {"file f", "open f r; fchmod 0600; stat f mode", "0 0 0600"},
    {"file f 0644 65533", "as 65534; open f r; fchmod 0600", "0 EPERM"},
    {"dir d", "open d r; fchmod 0700; stat d mode", "0 0 0700"},
    {"file f", "chmod f 0; open f r", "0 0"},
    {"file f 0644 65534", "as 65534; chmod f 0; open f r", "0 EACCES"},
    {"dir d 0755 65534; file d/f", "as 65534; chmod d 0; stat d/f; chmod d 0700; stat d/f type", "0 EACCES 0 file"},
};

const std::vector<Row> kOwnerRows = {
    {"file f 0644 65534", "as 65534:65534,65533; chown f -1 65533; stat f owner", "0 65534:65533"},
    {"file f 0644 65534", "as 65534; chown f -1 65533", "EPERM"},
    {"file f 0644 65534", "as 65534; chown f 65533 -1", "EPERM"},
    {"file f 0644 65534", "as 65534; chown f 65534 65534", "0"},
    {"file f 0644 65533 65534", "as 65534; chown f -1 65534", "EPERM"},
    {"file f 0644 65533 65534", "as 65534; chown f 65534 -1", "EPERM"},
    {"file f", "chown f -1 -1", "0"},
    {"file f 06555", "chown f -1 -1; stat f mode", "0 0555"},
    {"file f 02745", "chown f 1 1; stat f mode", "0 2745"},
    {"dir d 06555 65534", "as 65534:65534,65533; chown d -1 65533; stat d mode", "0 6555"},
    {"link-to l f; file f", "chown l 1 2; stat f owner; lstat l owner", "0 1:2 0:0"},
    {"link-to l f; file f", "lchown l 1 2; stat f owner; lstat l owner", "0 0:0 1:2"},
    {"link-to l none", "lchown l 1 2; lstat l owner", "0 1:2"},
    {"link-to l none", "chown l 1 2", "ENOENT"},
    {"link-to l none - 65534", "as 65534:65534,65533; lchown l -1 65533", "0"},
    {"link-to l none - 65534", "as 65533; lchown l -1 65533", "EPERM"},
    {"link-to l l", "chown l 1 2", "ELOOP"},
    {"", "chown none 1 2", "ENOENT"},
    {"file f", "open f r; fchown 1 2; stat f owner", "0 0 1:2"},
    {"file f", "as 65534; open f r; fchown 65534 -1", "0 EPERM"},
    {"file f", "chown f 4294967294 4294967294; stat f owner", "0 4294967294:4294967294"},
};

const std::vector<Row> kUtimesRows = {
    {"file f", "utimens f 100.000000001 200.999999999; stat f atime mtime", "0 100.000000001,200.999999999"},
    {"file f", "utimens f 0 0; stat f atime mtime", "0 0,0"},
    {"file f", "utimens f -100 -200.5; stat f atime mtime", "0 -100,-200.500000000"},
    {"file f", "utimens f 4294967296 4294967297.5", "0"},
    {"file f; times f 100 200", "utimens f omit 300; stat f atime mtime", "0 100,300"},
    {"file f; times f 100 200", "utimens f 300 omit; stat f atime mtime", "0 300,200"},
    {"file f; times f 100 200", "utimens f omit omit; stat f atime mtime", "0 100,200"},
    {"file f; times f 100 200", "utimens f now omit; stat f mtime", "0 200"},
    {"file f; times f 100 200", "utimens f omit now; stat f atime", "0 100"},
    {"file f; times f 100 200", "utimens f now now", "0"},
    {"file f; times f 100 200", "utime-null f", "0"},
    {"file f; times f 100 200", "utimens f 100 200", "0"},
    {"file f; times f 100 200", "utimens f 100 1.9999999999", "0"},
    {"file f 0444 65534; times f 100 200", "as 65534; utimens f 1 2", "0"},
    {"file f 0444 65534; times f 100 200", "as 65534; utime-null f", "0"},
    {"file f 0666 65534; times f 100 200", "as 65533; utime-null f", "0"},
    {"file f 0666 65534; times f 100 200", "as 65533; utimens f now now", "0"},
    {"file f 0666 65534; times f 100 200", "as 65533; utimens f now omit", "EPERM"},
    {"file f 0666 65534; times f 100 200", "as 65533; utimens f 1 2", "EPERM"},
    {"file f 0644 65534; times f 100 200", "as 65533; utime-null f", "EACCES"},
    {"file f 0644 65534; times f 100 200", "as 65533; utimens f now now", "EACCES"},
    {"file f 0644 65534; times f 100 200", "as 65533; utimens f omit omit", "0"},
    {"link-to l f; file f", "utimens l 1 2; stat f mtime", "0 2"},
    {"link-to l f; file f; times f 100 200", "lutimens l 1 2; stat f mtime; lstat l atime mtime", "0 200 1,2"},
    {"link-to l none", "utimens l 1 2", "ENOENT"},
    {"link-to l none", "lutimens l 1 2; lstat l mtime", "0 2"},
    {"dir d", "utimens d 1 2; stat d mtime; mkdir d/x", "0 2 0"},
    {"file f", "open f r; futimens 1 2; stat f mtime", "0 0 2"},
    {"file f 0644 65533", "as 65534; open f r; futimens 1 2", "0 EPERM"},
    {"", "utimens none 1 2", "ENOENT"},
};

const std::vector<Row> kAccessRows = {
    {"file f 0", "access f r; access f w; access f x; access f -", "0 0 EACCES 0"},
    {"file f 0100", "access f x", "0"},
    {"dir d 0", "access d rwx", "0"},
    {"file f 0400 65534", "as 65534; access f r; access f w; access f x", "0 EACCES EACCES"},
    {"file f 0300 65534", "as 65534; access f r; access f w; access f wx", "EACCES 0 0"},
    {"file f 0707 65534", "as 65533:65534; access f r; access f -", "EACCES 0"},
    {"file f 0750 65533 65534", "as 65534; access f rx; access f w", "0 EACCES"},
    {"file f 0705", "as 65534; access f rx; access f w", "0 EACCES"},
    {"dir d 0700; file d/f 0777", "as 65534; access d/f -", "EACCES"},
    {"link-to l f; file f 0600", "as 65534; access l r; access f r", "EACCES EACCES"},
    {"link-to l none", "access l -", "ENOENT"},
    {"", "access none -", "ENOENT"},
    {"file f", "access f/ -", "ENOTDIR"},
    {"file f", "stat f/", "ENOTDIR"},
    {"dir d", "stat d/ type; stat d/. type; stat d/.. type", "dir dir dir"},
    {"file f", "stat f type mode owner size links", "file,0644,0:0,10,1"},
    {"fifo p 0600 65534", "stat p type mode owner size links", "fifo,0600,65534:65534,0,1"},
    {"socket s 0600", "stat s type mode", "socket,0600"},
    {"link-to l target", "lstat l type mode size", "symlink,0777,6"},
};

}  // namespace

std::vector<Row> AttributeRows() {
  std::vector<Row> rows;
  AddKinds(rows);
  for (const auto* const part : {&kModeRows, &kOwnerRows, &kUtimesRows, &kAccessRows}) {
    rows.insert(rows.end(), part->begin(), part->end());
  }
  return rows;
}

}  // namespace cosfuse::testing
