// Two threads add to one integer without a lock. The thread sanitizer must report it and end the program with its
// error code.
#include <cstdio>

#include "base/thread.h"

int main() {
  int shared = 0;
  const auto add = [&shared] {
    for (int i = 0; i < 1000; ++i) ++shared;
  };
  {
    const cosfuse::Thread one("one", add);
    const cosfuse::Thread two("two", add);
  }
  std::printf("the sum is %d\n", shared);
  return 0;
}
