// Overflows a signed integer, which the undefined-behaviour sanitizer must report and end.
#include <cstdio>
#include <limits>

int main() {
  volatile int largest = std::numeric_limits<int>::max();
  const int sum = largest + 1;
  std::printf("the sum is %d\n", sum);
  return 0;
}
