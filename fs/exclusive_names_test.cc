#include "fs/exclusive_names.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(ExclusiveNames, AreTheUsualLocksUnlessTold) {
  const ExclusiveNames names;
  for (const char* const name : {"lock", "LOCK", "index.lock", "a.lck", "daemon.pid", ".lock"}) {
    EXPECT_TRUE(names.Match(name)) << name;
  }
  for (const char* const name : {"Lock", "clock", "lock.txt", "a.lock~", "pid", "unlock", ""}) {
    EXPECT_FALSE(names.Match(name)) << name;
  }
}

TEST(ExclusiveNames, MayBeAllOrNone) {
  for (const char* const name : {"lock", "a.lock", "anything", ".hidden", "\xff\xfe", "[x]"}) {
    EXPECT_TRUE(ExclusiveNames::Parse("all")->Match(name)) << name;
    EXPECT_FALSE(ExclusiveNames::Parse("none")->Match(name)) << name;
  }
}

TEST(ExclusiveNames, ArePatternsOfTheShell) {
  const auto names = ExclusiveNames::Parse("*.mutex,job-??,[ab]c,exact");
  ASSERT_TRUE(names.has_value());
  for (const char* const name : {"x.mutex", ".mutex", "job-07", "ac", "bc", "exact"}) {
    EXPECT_TRUE(names->Match(name)) << name;
  }
  for (const char* const name : {"x.mutex2", "job-7", "job-007", "cc", "exactly", "a.lock", "Exact"}) {
    EXPECT_FALSE(names->Match(name)) << name;
  }
}

TEST(ExclusiveNames, TheDefaultIsWhatItsTextSays) {
  EXPECT_EQ(ExclusiveNames::Parse(ExclusiveNames::kDefault), ExclusiveNames());
}

TEST(ExclusiveNames, WhatCannotBeMeantIsRefused) {
  for (const char* const text : {"", ",", "*.lock,", ",lock", "a,,b", "dir/*.lock", "/", "all,*.lock", "*.lock,none"}) {
    const auto names = ExclusiveNames::Parse(text);
    ASSERT_FALSE(names.has_value()) << text;
    EXPECT_EQ(names.error().code(), ErrorCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace cosfuse
