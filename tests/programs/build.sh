# shellcheck shell=bash
# A C++ build: sources, build directory and result in the mount; the linker and ar write back and forth.
: "${work:?set by run.sh}"

use_program() {
  needs cmake ninja g++
  export CCACHE_DISABLE=1
  make_sources
  check "cmake configures" cmake -G Ninja -S project -B project/build -DCMAKE_BUILD_TYPE=Release
  check "ninja builds" ninja -C project/build
  check "the program runs from the mount" test "$(project/build/sum 20 22)" = 42
  check "ctest passes" ctest --test-dir project/build
  check "nothing is left to build" grep -q 'no work to do' <(ninja -C project/build)
  sed -i 's/a + b/a + b + 0/' project/add.cc
  check "what depends on a change is built again" test "$(ninja -C project/build | grep -c '^\[')" -eq 3
  check "cmake installs" cmake --install project/build --prefix "$work/mnt/installed"
  check "the program runs out of the bucket" fresh program_runs
}

make_sources() {
  mkdir project
  cat >project/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(sum CXX)
enable_testing()
add_library(add STATIC add.cc more.cc)
add_executable(sum main.cc)
target_link_libraries(sum PRIVATE add)
add_test(NAME sums COMMAND sum 1 2)
install(TARGETS sum RUNTIME)
CMAKE
  echo 'int Add(int a, int b);' >project/add.h
  printf '%s\n' '#include "add.h"' 'int Add(int a, int b) { return a + b; }' >project/add.cc
  printf '%s\n' '#include "add.h"' 'int AddThree(int a, int b, int c) { return Add(Add(a, b), c); }' >project/more.cc
  printf '%s\n' '#include <iostream>' '#include <string>' '#include "add.h"' \
    'int main(int, char** argv) { std::cout << Add(std::stoi(argv[1]), std::stoi(argv[2])) << std::endl; }' \
    >project/main.cc
}

program_runs() {
  test "$(project/build/sum 1 2)" = 3 && test "$(installed/bin/sum 3 4)" = 7 && cmp project/build/sum "$work/mnt/project/build/sum" &&
    ar t project/build/libadd.a | grep -q add.cc.o
}
