# cosfuse_library(ROOM [DEPENDS target...] [PRIVATE target...])
#
# One room of the house (docs/ARCHITECTURE.md): the folder ROOM/ becomes
#   cosfuse_ROOM         every ROOM/*.cc that is not one of the following;
#   cosfuse_ROOM_fakes   ROOM/fake_*.cc and ROOM/faulty_*.cc, for tests only;
#   ROOM_tests           ROOM/*_test.cc, run by ctest, one ctest case per gtest case.
# DEPENDS are the rooms (and system libraries that headers need) which users of the room see as well;
# PRIVATE are third-party libraries that must not leak out of it (tests/layering checks the includes).
include(GoogleTest)

function(cosfuse_library room)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE" ${ARGN})
  set(patterns "${CMAKE_SOURCE_DIR}/${room}/*.cc")
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${patterns})
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$|/(fake|faulty)_[^/]*\\.cc$")
  set(fakes ${all})
  list(FILTER fakes INCLUDE REGEX "/(fake|faulty)_[^/]*\\.cc$")
  list(FILTER fakes EXCLUDE REGEX "_test\\.cc$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")

  if(NOT sources)
    return()
  endif()
  add_library(cosfuse_${room} STATIC ${sources})
  target_link_libraries(cosfuse_${room} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
  set(test_libraries cosfuse_${room})
  if(fakes)
    add_library(cosfuse_${room}_fakes STATIC ${fakes})
    target_link_libraries(cosfuse_${room}_fakes PUBLIC cosfuse_${room})
    list(APPEND test_libraries cosfuse_${room}_fakes)
  endif()
  foreach(dependency ${ARG_DEPENDS})
    if(TARGET ${dependency}_fakes)
      list(APPEND test_libraries ${dependency}_fakes)
    endif()
  endforeach()
  if(tests AND COSFUSE_BUILD_TESTS)
    cosfuse_test(${room}_tests SOURCES ${tests} LIBRARIES ${test_libraries} ${ARG_PRIVATE} LABELS unit)
  endif()
endfunction()

# cosfuse_test(NAME SOURCES file... [LIBRARIES target...] [LABELS label...] [TIMEOUT seconds] [WHOLE])
# One ctest case per gtest case; WHOLE: one process runs all cases, because they share what is slow to start. So do unit
# tests under a sanitizer, where each process starts slowly; and there no test is optimised, because GoogleTest's macros
# take longer to optimise than to run.
function(cosfuse_test name)
  cmake_parse_arguments(ARG "WHOLE" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(COSFUSE_SANITIZE AND ARG_LABELS STREQUAL "unit")
    set(ARG_WHOLE TRUE)
    set(ARG_TIMEOUT 600)
  elseif(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  if(COSFUSE_SANITIZE)
    target_compile_options(${name} PRIVATE -O0)
  endif()
  set(properties LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
  if(ARG_WHOLE)
    add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES ${properties})
  else()
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 30 PROPERTIES ${properties})
  endif()
endfunction()
