#include "app/disk_budget.h"

#include <gtest/gtest.h>

#include <limits>

namespace cosfuse {
namespace {

TEST(DecideDiskBudget, IsNineTenthsOfTheLeast) {
  EXPECT_EQ(DecideDiskBudget(0, std::nullopt), 0U);
  EXPECT_EQ(DecideDiskBudget(9, std::nullopt), 9U);
  EXPECT_EQ(DecideDiskBudget(10 * kGiB, std::nullopt), 9 * kGiB);
  EXPECT_EQ(DecideDiskBudget(10 * kGiB, 20 * kGiB), 9 * kGiB);
  EXPECT_EQ(DecideDiskBudget(100 * kGiB, 10 * kGiB), 9 * kGiB);
  constexpr ByteCount kEverything = std::numeric_limits<ByteCount>::max();
  EXPECT_EQ(DecideDiskBudget(kEverything, std::nullopt), kEverything - kEverything / 10);
}

}  // namespace
}  // namespace cosfuse
