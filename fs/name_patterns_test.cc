#include "fs/name_patterns.h"

#include <gtest/gtest.h>

#include "fs/file_system.h"

namespace cosfuse {
namespace {

TEST(NamePatterns, AreNoneUnlessTold) {
  EXPECT_FALSE(NamePatterns().Match("lock"));
  EXPECT_FALSE(NamePatterns().Match(""));
}

TEST(UsualLockNames, AreWhatProgramsCallTheirLocks) {
  const NamePatterns names = UsualLockNames();
  for (const char* const name : {"lock", "LOCK", "index.lock", "a.lck", "daemon.pid", ".lock"}) {
    EXPECT_TRUE(names.Match(name)) << name;
  }
  for (const char* const name : {"Lock", "clock", "lock.txt", "a.lock~", "pid", "unlock", ""}) {
    EXPECT_FALSE(names.Match(name)) << name;
  }
}

TEST(NamePatterns, MayBeAllOrNone) {
  for (const char* const name : {"lock", "a.lock", "anything", ".hidden", "\xff\xfe", "[x]"}) {
    EXPECT_TRUE(NamePatterns::Parse("all")->Match(name)) << name;
    EXPECT_FALSE(NamePatterns::Parse("none")->Match(name)) << name;
  }
}

TEST(NamePatterns, ArePatternsOfTheShell) {
  const auto names = NamePatterns::Parse("*.mutex,job-??,[ab]c,exact");
  ASSERT_TRUE(names.has_value());
  for (const char* const name : {"x.mutex", ".mutex", "job-07", "ac", "bc", "exact"}) {
    EXPECT_TRUE(names->Match(name)) << name;
  }
  for (const char* const name : {"x.mutex2", "job-7", "job-007", "cc", "exactly", "a.lock", "Exact"}) {
    EXPECT_FALSE(names->Match(name)) << name;
  }
}

TEST(NamePatterns, WhatCannotBeMeantIsRefused) {
  for (const char* const text : {"", ",", "*.lock,", ",lock", "a,,b", "dir/*.lock", "/", "all,*.lock", "*.lock,none"}) {
    const auto names = NamePatterns::Parse(text);
    ASSERT_FALSE(names.has_value()) << text;
    EXPECT_EQ(names.error().code(), ErrorCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace cosfuse
