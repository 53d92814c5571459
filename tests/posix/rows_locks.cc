#include "tests/posix/rows.h"

namespace cosfuse::testing {

std::vector<Row> LockRows() {
  return {
      // flock: of an open file, whoever holds the descriptor.
      {"file f", "open f rw; flock ex; other open f rw + flock ex + flock sh", "0 0 0,EAGAIN,EAGAIN"},
      {"file f", "other open f rw + flock sh; open f rw; flock sh; flock ex", "0,0 0 0 EAGAIN"},
      {"file f", "other open f rw + flock ex; open f rw; flock sh; read 4", "0,0 0 EAGAIN 0123"},
      {"file f", "open f rw; flock ex; open f rw; flock ex", "0 0 0 EAGAIN"},
      {"file f", "open f rw; flock ex; flock sh; other open f rw + flock sh", "0 0 0 0,0"},
      {"file f", "open f rw; flock ex; flock un; other open f rw + flock ex", "0 0 0 0,0"},
      {"file f", "open f rw; flock ex; close; other open f rw + flock ex", "0 0 0 0,0"},
      {"file f", "open f r; flock ex", "0 0"},
      {"dir d", "open d r; flock ex; other open d r + flock sh", "0 0 0,EAGAIN"},
      // fcntl: of a process, by range.
      {"file f", "open f rw; lock w 0 5; other open f rw + lock w 5 5 + lock w 4 1 + lock r 0 1",
       "0 0 0,0,EAGAIN,EAGAIN"},
      {"file f", "open f rw; lock r 0 0; other open f rw + lock r 0 0 + lock w 100 1", "0 0 0,0,EAGAIN"},
      {"file f", "open f rw; lock w 0 0; open f rw; lock w 0 0", "0 0 0 0"},
      {"file f", "open f rw; lock w 0 5; lock u 2 1; other open f rw + lock w 2 1 + lock w 1 1", "0 0 0 0,0,EAGAIN"},
      {"file f", "open f rw; lock w 0 5; open f r; close; other open f rw + lock w 0 5", "0 0 0 0 0,0"},
      {"file f", "open f rw; lock w 2 3; other open f rw + get-lock w 0 9 + get-lock w 5 4", "0 0 0,w:2+3,free"},
      {"file f", "open f r; lock w 0 5; lock r 0 5", "0 EBADF 0"},
      {"file f", "open f w; lock r 0 5; lock w 0 5", "0 EBADF 0"},
      {"file f", "open f rw; ofd-lock w 0 5; open f rw; ofd-lock w 4 2", "0 0 0 EAGAIN"},
      {"file f", "open f rw; lock w 0 5; flock ex; other open f rw + flock sh + lock r 0 1", "0 0 0 0,EAGAIN,EAGAIN"},
      // They belong to the file, not to its name or to a version of the object.
      {"file f", "open f rw; flock ex; rename f g; other open g rw + flock ex", "0 0 0 0,EAGAIN"},
      {"file f", "open f rw; flock ex; unlink f; other open f rw,creat + flock ex", "0 0 0 0,0"},
      {"file f", "open f rw; flock ex; write abc; fsync; other open f rw + flock ex", "0 0 3 0 0,EAGAIN"},
      {"file f", "open f rw; lock w 0 1; write abc; fsync; chmod f 0600; other open f rw + lock w 0 1",
       "0 0 3 0 0 0,EAGAIN"},
      {"dir d; file d/f", "open d/f rw; lock w 0 1; rename d e; other open e/f rw + lock w 0 1", "0 0 0 0,EAGAIN"},
      {"", "open f rw,creat; lock w 0 1; write abc; other open f rw + lock w 0 1 + pread 9 0", "0 0 3 0,EAGAIN,abc"},
  };
}

}  // namespace cosfuse::testing
