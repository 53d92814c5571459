# Warnings are errors in both compilers (but in the release build, whose compiler is whichever a user has); clang adds its
# thread-safety analysis (base/thread_annotations.h).
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # At -O3 g++ 12 sees overlapping copies in its own std::string (https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105651), and
  # g++ 12 and 14 see the value in a std::expected or std::optional that holds none. The other builds keep both.
  add_compile_options($<$<CONFIG:Release>:-Wno-restrict> $<$<CONFIG:Release>:-Wno-maybe-uninitialized>)
endif()
if(COSFUSE_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wthread-safety -Wthread-safety-beta)
endif()
include_directories(${CMAKE_SOURCE_DIR})
add_compile_definitions(_FILE_OFFSET_BITS=64)

if(COSFUSE_CRASH_POINTS)
  add_compile_definitions(COSFUSE_CRASH_POINTS)
endif()

if(COSFUSE_SANITIZE)
  add_compile_options(-fsanitize=${COSFUSE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${COSFUSE_SANITIZE})
  add_compile_definitions(COSFUSE_SANITIZED)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
