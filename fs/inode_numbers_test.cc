#include "fs/inode_numbers.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(InodeNumbers, NameKeepsItsNumber) {
  InodeNumbers numbers;
  const uint64_t first = numbers.Acquire("a");
  numbers.Release(first);
  EXPECT_EQ(numbers.Acquire("a"), first);
  InodeNumbers another_mount;
  EXPECT_EQ(another_mount.Acquire("a"), first);
}

TEST(InodeNumbers, NewFileUnderANameInUseHasAnotherNumber) {
  InodeNumbers numbers;
  const uint64_t unlinked_but_open = numbers.Acquire("a");
  const uint64_t recreated = numbers.Acquire("a");
  EXPECT_NE(recreated, unlinked_but_open);
  numbers.Release(unlinked_but_open);
  EXPECT_EQ(numbers.Acquire("a"), unlinked_but_open);
}

TEST(InodeNumbers, SharedNumberStaysInUseUntilTheLastRelease) {
  InodeNumbers numbers;
  const uint64_t number = numbers.Acquire("a");
  numbers.Share(number);
  numbers.Release(number);
  EXPECT_NE(numbers.Peek("a"), number);
  numbers.Release(number);
  EXPECT_EQ(numbers.Peek("a"), number);
  EXPECT_EQ(numbers.size(), 0U);
}

TEST(InodeNumbers, NeverTheRootsAndDifferentForDifferentNames) {
  InodeNumbers numbers;
  EXPECT_GT(numbers.Acquire(""), InodeNumbers::kRoot);
  EXPECT_NE(numbers.Acquire("a"), numbers.Acquire("b"));
  EXPECT_NE(numbers.Acquire("d"), numbers.Acquire("d/"));
}

}  // namespace
}  // namespace cosfuse
