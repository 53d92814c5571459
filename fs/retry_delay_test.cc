#include "fs/retry_delay.h"

#include <gtest/gtest.h>

#include <chrono>

namespace cosfuse {
namespace {

TEST(RetryDelay, BacksOffToAMinuteAndDoesNotEnd) {
  EXPECT_EQ(RetryDelay(1), std::chrono::seconds(1));
  EXPECT_EQ(RetryDelay(3), std::chrono::seconds(4));
  EXPECT_EQ(RetryDelay(4), std::chrono::seconds(8));
  EXPECT_EQ(RetryDelay(1000), std::chrono::seconds(64));
}

}  // namespace
}  // namespace cosfuse
