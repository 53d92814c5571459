#include "emulator/wire/http_date.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

constexpr WallTime kNewYear{std::chrono::seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z

TEST(HttpDate, IsAnImfFixdate) {
  EXPECT_EQ(FormatHttpDate(kNewYear), "Thu, 01 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(kNewYear + std::chrono::milliseconds(1999)), "Thu, 01 Jan 2026 00:00:01 GMT");
}

TEST(HttpDate, IsReadBack) {
  const WallTime time = kNewYear + std::chrono::seconds(200 * 86400 + 12345);
  EXPECT_EQ(ParseHttpDate(FormatHttpDate(time)), time);
}

TEST(HttpDate, IsNothingForOtherTexts) {
  EXPECT_FALSE(ParseHttpDate(""));
  EXPECT_FALSE(ParseHttpDate("yesterday"));
  EXPECT_FALSE(ParseHttpDate("Thu, 01 Foo 2026 00:00:00 GMT"));
}

TEST(Iso8601, HasMilliseconds) {
  EXPECT_EQ(FormatIso8601(kNewYear), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatIso8601(kNewYear + std::chrono::milliseconds(7)), "2026-01-01T00:00:00.007Z");
}

}  // namespace
}  // namespace cosfuse::emulator
