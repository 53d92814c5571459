#include "http/http_date.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using std::chrono::seconds;

std::optional<int64_t> Seconds(std::optional<WallTime> time) {
  if (!time) return std::nullopt;
  return std::chrono::duration_cast<seconds>(time->time_since_epoch()).count();
}

TEST(HttpDate, AllThreeFormsMeanTheSameMoment) {
  // The example of RFC 9110, 5.6.7.
  EXPECT_EQ(Seconds(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT")), 784111777);
  EXPECT_EQ(Seconds(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT")), 784111777);
  EXPECT_EQ(Seconds(ParseHttpDate("Sun Nov  6 08:49:37 1994")), 784111777);
}

TEST(HttpDate, EdgesOfTheCalendar) {
  EXPECT_EQ(Seconds(ParseHttpDate("Thu, 01 Jan 1970 00:00:00 GMT")), 0);
  EXPECT_EQ(Seconds(ParseHttpDate("Thu, 29 Feb 2024 23:59:59 GMT")), 1709251199);
  EXPECT_EQ(Seconds(ParseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT")), 1483228800);  // A leap second.
  EXPECT_EQ(Seconds(ParseHttpDate("Thu, 31 Dec 2026 00:00:00 GMT")), 1798675200);
}

TEST(HttpDate, TwoDigitYearIsAtMostFiftyYearsAhead) {
  const WallTime in_2026{seconds(1767225600)};
  EXPECT_EQ(Seconds(ParseHttpDate("Wednesday, 01-Jan-76 00:00:00 GMT", in_2026)), 3345062400);  // 2076
  EXPECT_EQ(Seconds(ParseHttpDate("Saturday, 01-Jan-77 00:00:00 GMT", in_2026)), 220924800);    // 1977
}

TEST(HttpDate, RefusesWhatIsNoDate) {
  for (const char* text : {"",
                           "yesterday",
                           "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 31 Feb 2024 00:00:00 GMT",
                           "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:60:00 GMT",
                           "Sun, 06 Xxx 1994 08:49:37 GMT",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           "Sun, 06 Nov 9999 08:49:37 GMT",
                           "Sun, 06 Nov 1969 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994 GMT",
                           "Sun Nov 6 08:49:37 1994",
                           "Sunday, 06-Nov-1994 08:49:37 GMT",
                           "1994-11-06T08:49:37Z",
                           "784111777",
                           ", ",
                           "Sun, ",
                           "Sun "}) {
    EXPECT_FALSE(ParseHttpDate(text)) << text;
  }
}

TEST(HttpDate, IsWrittenInThePreferredForm) {
  EXPECT_EQ(FormatHttpDate(WallTime(std::chrono::seconds(784111777))), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(FormatHttpDate(WallTime()), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(WallTime(std::chrono::milliseconds(1999))), "Thu, 01 Jan 1970 00:00:01 GMT");
  for (int day = 0; day < 1500; ++day) {
    const WallTime time(std::chrono::days(10'000 + day) + std::chrono::seconds(day * 57));
    ASSERT_EQ(ParseHttpDate(FormatHttpDate(time)), time) << day;
  }
}

}  // namespace
}  // namespace cosfuse
