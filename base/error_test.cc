#include "base/error.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace cosfuse {
namespace {

TEST(ErrorCodeName, IsKnownAndUniqueForEachCode) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    const std::string_view name = ErrorCodeName(static_cast<ErrorCode>(code));
    EXPECT_NE(name, "Unknown") << code;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(ErrorCodeName(ErrorCode::kNotFound), "NotFound");
  EXPECT_EQ(ErrorCodeName(ErrorCode::kInternal), "Internal");
}

TEST(Error, ToStringShowsOnlyWhatIsKnown) {
  EXPECT_EQ(Error(ErrorCode::kTimedOut, "deadline passed").ToString(), "TimedOut: deadline passed");
  EXPECT_EQ(Error(ErrorCode::kNotFound, "no such key").SetService("NoSuchKey", "1a2b", 404).ToString(),
            "NotFound: no such key (code NoSuchKey, HTTP 404, request 1a2b)");
  EXPECT_EQ(Error(ErrorCode::kUnavailable, "gateway").SetService("", "", 502).ToString(),
            "Unavailable: gateway (HTTP 502)");
}

TEST(Error, WithContextKeepsEverythingElse) {
  const Error error = Error(ErrorCode::kThrottled, "slow down")
                          .SetService("SlowDown", "77", 503)
                          .SetRetryAfter(std::chrono::milliseconds(1500));
  const Error outer = error.WithContext("uploading part 3");
  EXPECT_EQ(outer.message(), "uploading part 3: slow down");
  EXPECT_EQ(outer.code(), ErrorCode::kThrottled);
  EXPECT_EQ(outer.service_code(), "SlowDown");
  EXPECT_EQ(outer.request_id(), "77");
  EXPECT_EQ(outer.http_status(), 503);
  EXPECT_EQ(outer.retry_after(), std::chrono::milliseconds(1500));
}

TEST(Error, WithCodeChangesTheMeaningAlone) {
  const Error error = Error(ErrorCode::kNotFound, "gone").SetService("NoSuchKey", "1", 404);
  const Error stale = error.WithCode(ErrorCode::kStale);
  EXPECT_EQ(stale.code(), ErrorCode::kStale);
  EXPECT_EQ(stale.message(), "gone");
  EXPECT_EQ(stale.http_status(), 404);
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
}

Result<std::unique_ptr<int>> Positive(int value) {
  if (value <= 0) return Fail(ErrorCode::kInvalidArgument, "not positive");
  return std::make_unique<int>(value);
}

Result<int> SumOfPositives(int a, int b, bool& reached_the_end) {
  ASSIGN_OR_RETURN(const auto first, Positive(a));
  ASSIGN_OR_RETURN(auto second, Positive(b));
  *second += *first;
  RETURN_IF_ERROR(Positive(*second));
  reached_the_end = true;
  return *second;
}

TEST(AssignOrReturn, MovesTheValueOut) {
  bool reached_the_end = false;
  const Result<int> sum = SumOfPositives(2, 3, reached_the_end);
  ASSERT_TRUE(sum.has_value());
  EXPECT_EQ(*sum, 5);
  EXPECT_TRUE(reached_the_end);
}

TEST(AssignOrReturn, LeavesTheFunctionWithTheError) {
  bool reached_the_end = false;
  const Result<int> sum = SumOfPositives(2, -3, reached_the_end);
  ASSERT_FALSE(sum.has_value());
  EXPECT_EQ(sum.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(reached_the_end);
}

TEST(ReturnIfError, EvaluatesItsExpressionOnce) {
  int calls = 0;
  const auto count = [&calls]() -> Result<> {
    ++calls;
    return {};
  };
  const auto run = [&count]() -> Result<> {
    RETURN_IF_ERROR(count());
    return {};
  };
  EXPECT_TRUE(run().has_value());
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace cosfuse
