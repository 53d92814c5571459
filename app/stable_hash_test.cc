#include "app/stable_hash.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(StableHash, IsTheSameInEachVersion) {
  // FNV-1a of "a" and a byte of zero: a cache directory's name must not change.
  EXPECT_EQ(StableHash().Add("a").Hex(), "089be207b544f1e4");
}

TEST(StableHash, SeesWhereOneTextEnds) {
  EXPECT_NE(StableHash().Add("ab").Add("c").Hex(), StableHash().Add("a").Add("bc").Hex());
}

}  // namespace
}  // namespace cosfuse
