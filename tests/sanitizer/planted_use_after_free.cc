// Reads memory that was freed. The address sanitizer must end this program with a report; a build in which it ends
// quietly catches nothing in the other tests either.
#include <cstdio>
#include <memory>

int main() {
  auto owner = std::make_unique<int>(1);
  const volatile int* dangling = owner.get();
  owner.reset();
  std::printf("read %d from freed memory\n", *dangling);
  return 0;
}
