#include "fs/lock_names.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(LockNames, AreTheUsualOnes) {
  for (const char* const name : {"lock", "LOCK", "index.lock", "a.lck", "daemon.pid", ".lock"}) {
    EXPECT_TRUE(LooksLikeALock(name)) << name;
  }
  for (const char* const name : {"Lock", "clock", "lock.txt", "a.lock~", "pid", "unlock", ""}) {
    EXPECT_FALSE(LooksLikeALock(name)) << name;
  }
}

}  // namespace
}  // namespace cosfuse
