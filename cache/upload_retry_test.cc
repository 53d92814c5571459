#include "cache/upload_retry.h"

#include <gtest/gtest.h>

#include <chrono>

namespace cosfuse {
namespace {

using namespace std::chrono_literals;

TEST(UploadRetry, DelaysDoubleUpToAMinute) {
  EXPECT_EQ(DecideUploadRetry(ErrorCode::kUnavailable, 1, 0), 1s);
  EXPECT_EQ(DecideUploadRetry(ErrorCode::kUnavailable, 2, 0), 2s);
  EXPECT_EQ(DecideUploadRetry(ErrorCode::kUnavailable, 6, 0), 32s);
  EXPECT_EQ(DecideUploadRetry(ErrorCode::kUnavailable, 7, 0), 60s);
  EXPECT_EQ(DecideUploadRetry(ErrorCode::kUnavailable, 1'000'000, 0), 60s);
}

TEST(UploadRetry, JitterTakesOffUpToHalf) {
  const auto delay = DecideUploadRetry(ErrorCode::kUnavailable, 3, 0.999);
  ASSERT_TRUE(delay);
  EXPECT_GE(*delay, 2s);
  EXPECT_LT(*delay, 2010ms);
}

TEST(UploadRetry, WhatAPersonCanRepairIsTriedAgain) {
  for (const ErrorCode code : {ErrorCode::kAccessDenied, ErrorCode::kUnauthenticated, ErrorCode::kQuotaExceeded,
                               ErrorCode::kNoSpace, ErrorCode::kMissingBucket, ErrorCode::kTimedOut}) {
    EXPECT_TRUE(DecideUploadRetry(code, 1, 0)) << ErrorCodeName(code);
  }
}

TEST(UploadRetry, OnlyARefusalProvesThatNothingIsStored) {
  for (const ErrorCode code :
       {ErrorCode::kUnavailable, ErrorCode::kTimedOut, ErrorCode::kCancelled, ErrorCode::kThrottled,
        ErrorCode::kProtocol, ErrorCode::kConflictInProgress, ErrorCode::kInternal}) {
    EXPECT_TRUE(MayBeStoredAfter(code)) << ErrorCodeName(code);
  }
  for (const ErrorCode code : {ErrorCode::kAccessDenied, ErrorCode::kStale, ErrorCode::kAlreadyExists,
                               ErrorCode::kQuotaExceeded, ErrorCode::kNoSpace, ErrorCode::kTooLarge}) {
    EXPECT_FALSE(MayBeStoredAfter(code)) << ErrorCodeName(code);
  }
}

TEST(UploadRetry, WhatTimeCannotMendIsNot) {
  for (const ErrorCode code : {ErrorCode::kStale, ErrorCode::kTooLarge, ErrorCode::kNameTooLong,
                               ErrorCode::kNotPermitted, ErrorCode::kInvalidArgument, ErrorCode::kCancelled}) {
    EXPECT_FALSE(DecideUploadRetry(code, 1, 0)) << ErrorCodeName(code);
  }
}

}  // namespace
}  // namespace cosfuse
