#include "cache/promise_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

TEST(DecidePromiseDelay, SlowsFromHalfOnAndEndsAtTheLastFile) {
  struct Row {
    PromiseLoad load;
    std::optional<Duration> delay;
  };
  const PromiseLimit limit{.files = 100, .oldest = minutes(10)};
  const std::vector<Row> rows = {
      {{0, {}}, milliseconds(0)},
      {{1, minutes(1)}, milliseconds(0)},
      {{50, minutes(5)}, milliseconds(0)},
      {{75, {}}, milliseconds(500)},
      {{75, minutes(9)}, milliseconds(800)},
      {{99, {}}, milliseconds(980)},
      {{100, {}}, std::nullopt},
      {{101, minutes(9)}, std::nullopt},
      {{1, minutes(8)}, milliseconds(600)},
      {{1, minutes(10)}, milliseconds(1000)},
      {{1, minutes(1000)}, milliseconds(1000)},
  };
  for (const Row& row : rows) {
    const auto delay = DecidePromiseDelay(row.load, limit);
    ASSERT_EQ(delay.has_value(), row.delay.has_value()) << row.load.files;
    if (!delay) continue;
    EXPECT_NEAR(static_cast<double>(delay->count()), static_cast<double>(row.delay->count()), 1000.0);
  }
}

TEST(DecidePromiseDelay, WithoutRoomForAnyAllWait) { EXPECT_EQ(DecidePromiseDelay({}, {.files = 0}), std::nullopt); }

}  // namespace
}  // namespace cosfuse
