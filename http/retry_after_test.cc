#include "http/retry_after.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime kNow{seconds(784111777)};  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(RetryAfter, TakesSeconds) {
  EXPECT_EQ(ParseRetryAfter("0", kNow), milliseconds(0));
  EXPECT_EQ(ParseRetryAfter(" 120 ", kNow), seconds(120));
}

TEST(RetryAfter, TakesADate) {
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:47 GMT", kNow), seconds(10));
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:47 GMT", kNow - milliseconds(250)), milliseconds(10250));
}

TEST(RetryAfter, ADateInThePastIsZero) {
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:27 GMT", kNow), milliseconds(0));
}

TEST(RetryAfter, IsNeverLongerThanADay) {
  EXPECT_EQ(ParseRetryAfter("86401", kNow), std::chrono::hours(24));
  EXPECT_EQ(ParseRetryAfter("99999999999999999999999999", kNow), std::chrono::hours(24));
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 2094 08:49:27 GMT", kNow), std::chrono::hours(24));
}

TEST(RetryAfter, IgnoresWhatIsNeither) {
  for (const char* text : {"", "   ", "-1", "1.5", "soon", "0x10"}) EXPECT_FALSE(ParseRetryAfter(text, kNow)) << text;
}

}  // namespace
}  // namespace cosfuse
