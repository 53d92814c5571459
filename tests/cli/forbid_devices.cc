// forbid_devices PROGRAM ARGUMENTS...
//
// Runs a program for which open(2) of what exists, for reading and writing, fails with EPERM: what a devices cgroup
// does to /dev/fuse, on machines where a test may not make one. By a seccomp filter, which sees flags but no names;
// nothing else is opened this way before the device is.
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <iterator>

int main(int argc, char** argv) {
  constexpr unsigned kFlags = offsetof(seccomp_data, args) + 2 * sizeof(seccomp_data::args[0]);  // Their low half.
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFlags),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_ACCMODE | O_CREAT),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_RDWR, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = std::size(program), .filter = program};
  if (argc < 2 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    std::perror("forbid_devices");
    return 125;
  }
  execv(argv[1], argv + 1);
  std::perror(argv[1]);
  return 126;
}
