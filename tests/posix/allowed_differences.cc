#include "tests/posix/rows.h"

namespace cosfuse::testing {

const std::vector<AllowedDifference>& AllowedDifferences() {
  static const std::vector<AllowedDifference> kDifferences = {
      {"file f", "link f g", "EPERM", "an object has one key"},
      {"file a; fifo b", "exchange a b", "EINVAL", "the store cannot exchange two keys"},
      {"dir d; dir d/e; dir d/f", "stat d links", "1", "nobody counts the directories in a prefix"},
      {"dir @250; dir @250/@250; dir @250/@250/@250; dir @250/@250/@250/@250", "mkdir @250/@250/@250/@250/@30",
       "ENAMETOOLONG", "a key has 1024 bytes at most"},
      {"", "open f%file w,creat", "EINVAL", "the name of what a directory hides"},
      {"fifo p", "open p r,nonblock; open p w,nonblock; write abc", "0 0 3",
       "the kernel tells no file system that a pipe was written to: its times stay"},
      {"file f; times f 100 200", "open f rw; fallocate 0 4", "0 0",
       "what allocates nothing changes nothing, and asks the store for nothing"},
  };
  return kDifferences;
}

}  // namespace cosfuse::testing
