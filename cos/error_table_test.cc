#include "cos/error_table.h"

#include <gtest/gtest.h>

#include "cos/fake_service.h"

namespace cosfuse {
namespace {

using Op = StoreOperation;

struct Row {
  StoreOperation operation;
  int status;
  const char* service_code;
  ErrorCode meaning;
};

TEST(ErrorTable, MeaningOfStatusAndCode) {
  const Row rows[] = {
      {Op::kGet, 404, "NoSuchKey", ErrorCode::kNotFound},
      {Op::kGet, 404, "NoSuchBucket", ErrorCode::kMissingBucket},
      {Op::kUploadPart, 404, "NoSuchUpload", ErrorCode::kMissingUpload},
      {Op::kUploadPartCopy, 404, "NoSuchKey", ErrorCode::kNotFound},
      {Op::kPut, 403, "AccessDenied", ErrorCode::kAccessDenied},
      {Op::kPut, 401, "", ErrorCode::kAccessDenied},
      {Op::kGet, 403, "InvalidObjectState", ErrorCode::kArchived},
      {Op::kPut, 400, "KeyTooLong", ErrorCode::kNameTooLong},
      {Op::kPut, 400, "KeyTooLongError", ErrorCode::kNameTooLong},
      {Op::kPut, 400, "EntityTooLarge", ErrorCode::kTooLarge},
      {Op::kPut, 400, "MetadataTooLarge", ErrorCode::kNoSpace},
      {Op::kPut, 400, "BadDigest", ErrorCode::kCorrupt},
      {Op::kPut, 400, "IncompleteBody", ErrorCode::kCorrupt},
      {Op::kPut, 400, "RequestTimeout", ErrorCode::kUnavailable},
      {Op::kPut, 400, "", ErrorCode::kInvalidArgument},
      {Op::kCompleteUpload, 400, "EntityTooSmall", ErrorCode::kInvalidArgument},
      {Op::kCompleteUpload, 400, "InvalidPart", ErrorCode::kInvalidArgument},
      {Op::kCompleteUpload, 400, "InvalidPartOrder", ErrorCode::kInvalidArgument},
      {Op::kPut, 409, "OperationAborted", ErrorCode::kConflictInProgress},
      {Op::kPut, 409, "ConditionalRequestConflict", ErrorCode::kConflictInProgress},
      {Op::kHead, 409, "", ErrorCode::kConflictInProgress},
      {Op::kPut, 409, "BucketNotEmpty", ErrorCode::kBusy},
      {Op::kPut, 409, "InvalidBucketState", ErrorCode::kBusy},
      {Op::kPut, 411, "MissingContentLength", ErrorCode::kProtocol},
      {Op::kPut, 405, "MethodNotAllowed", ErrorCode::kNotPermitted},
      {Op::kDelete, 405, "MethodNotAllowed", ErrorCode::kNotPermitted},
      {Op::kList, 405, "MethodNotAllowed", ErrorCode::kUnsupported},
      {Op::kGet, 416, "InvalidRange", ErrorCode::kInvalidArgument},
      {Op::kGet, 304, "", ErrorCode::kNotModified},
      {Op::kGet, 301, "PermanentRedirect", ErrorCode::kMissingBucket},
      {Op::kGet, 307, "", ErrorCode::kMissingBucket},
      {Op::kGet, 408, "", ErrorCode::kUnavailable},
      {Op::kPut, 413, "", ErrorCode::kTooLarge},
      {Op::kGet, 429, "", ErrorCode::kThrottled},
      {Op::kGet, 429, "TooManyRequests", ErrorCode::kThrottled},
      {Op::kGet, 503, "SlowDown", ErrorCode::kThrottled},
      {Op::kGet, 503, "ServiceUnavailable", ErrorCode::kThrottled},
      {Op::kGet, 503, "", ErrorCode::kUnavailable},
      {Op::kGet, 500, "InternalError", ErrorCode::kUnavailable},
      {Op::kGet, 502, "", ErrorCode::kUnavailable},
      {Op::kGet, 504, "", ErrorCode::kUnavailable},
      {Op::kGet, 599, "", ErrorCode::kUnavailable},
      {Op::kGet, 501, "NotImplemented", ErrorCode::kUnsupported},
      {Op::kGet, 501, "", ErrorCode::kUnsupported},
      {Op::kPut, 507, "", ErrorCode::kQuotaExceeded},
      {Op::kPut, 507, "VaultQuotaExceeded", ErrorCode::kQuotaExceeded},
      {Op::kPut, 403, "BucketQuotaExceeded", ErrorCode::kQuotaExceeded},
      {Op::kCopy, 200, "InternalError", ErrorCode::kUnavailable},
      {Op::kCopy, 200, "SlowDown", ErrorCode::kThrottled},
      {Op::kCopy, 200, "AccessDenied", ErrorCode::kAccessDenied},
      {Op::kCopy, 200, "SomethingNew", ErrorCode::kUnavailable},
      {Op::kGet, 302, "", ErrorCode::kProtocol},
      {Op::kGet, 418, "Teapot", ErrorCode::kInvalidArgument},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(DecideErrorCode(RequestKind::Of(row.operation), row.status, row.service_code), row.meaning)
        << StoreOperationName(row.operation) << " " << row.status << " " << row.service_code;
  }
}

TEST(ErrorTable, MissingWithoutACodeIsWhatTheOperationNeeds) {
  const std::pair<StoreOperation, ErrorCode> rows[] = {
      {Op::kHead, ErrorCode::kNotFound},
      {Op::kGet, ErrorCode::kNotFound},
      {Op::kCopy, ErrorCode::kNotFound},
      {Op::kDelete, ErrorCode::kNotFound},
      {Op::kPut, ErrorCode::kMissingBucket},
      {Op::kDeleteMany, ErrorCode::kMissingBucket},
      {Op::kList, ErrorCode::kMissingBucket},
      {Op::kBeginUpload, ErrorCode::kMissingBucket},
      {Op::kUploadPart, ErrorCode::kMissingUpload},
      {Op::kUploadPartCopy, ErrorCode::kMissingUpload},
      {Op::kCompleteUpload, ErrorCode::kMissingUpload},
      {Op::kAbortUpload, ErrorCode::kMissingUpload},
      {Op::kListParts, ErrorCode::kMissingUpload},
      {Op::kListUploads, ErrorCode::kMissingBucket},
      {Op::kListVersions, ErrorCode::kMissingBucket},
      {Op::kGetTags, ErrorCode::kNotFound},
      {Op::kSetTags, ErrorCode::kNotFound},
  };
  for (const auto& [operation, meaning] : rows) {
    EXPECT_EQ(DecideErrorCode(RequestKind::Of(operation), 404, ""), meaning) << StoreOperationName(operation);
  }
}

TEST(ErrorTable, FailedPreconditionDependsOnTheCondition) {
  const auto decide = [](Op operation, bool if_match, bool create_only) {
    return DecideErrorCode({operation, if_match, create_only}, 412, "PreconditionFailed");
  };
  EXPECT_EQ(decide(Op::kPut, false, true), ErrorCode::kAlreadyExists);
  EXPECT_EQ(decide(Op::kPut, true, false), ErrorCode::kStale);
  EXPECT_EQ(decide(Op::kPut, true, true), ErrorCode::kStale);
  EXPECT_EQ(decide(Op::kCompleteUpload, false, true), ErrorCode::kAlreadyExists);
  EXPECT_EQ(decide(Op::kGet, true, false), ErrorCode::kStale);
  EXPECT_EQ(decide(Op::kCopy, false, false), ErrorCode::kStale);
  EXPECT_EQ(DecideErrorCode({Op::kHead, true, false}, 412, ""), ErrorCode::kStale) << "HEAD has no body";
}

TEST(ErrorTable, NotModifiedDependsOnTheConditionToo) {
  const auto read = [](const Conditions& conditions) {
    return DecideErrorCode(RequestKind::Of(Op::kHead, conditions), 304, "");
  };
  EXPECT_EQ(read({.if_none_match = {"e"}}), ErrorCode::kNotModified);
  EXPECT_EQ(read({.if_unmodified_since = WallTime()}), ErrorCode::kStale) << "as COS documents it";
  EXPECT_EQ(read({.if_none_match = {"e"}, .if_unmodified_since = WallTime()}), ErrorCode::kNotModified);
  const auto copy = [](const CopySource& source) {
    return DecideErrorCode(RequestKind::Of(Op::kCopy, source), 412, "PreconditionFailed");
  };
  EXPECT_EQ(copy({.key = "s", .if_match = {"e"}}), ErrorCode::kStale);
  EXPECT_EQ(copy({.key = "s", .if_none_match = {"e"}}), ErrorCode::kNotModified);
  EXPECT_EQ(copy({.key = "s", .if_match = {"e"}, .if_none_match = {"f"}}), ErrorCode::kStale);
}

TEST(ErrorTable, NoObjectWhereAVersionWasExpectedIsStale) {
  EXPECT_EQ(DecideErrorCode({Op::kHead, true, false}, 404, ""), ErrorCode::kStale);
  EXPECT_EQ(DecideErrorCode({Op::kGet, true, false}, 404, "NoSuchKey"), ErrorCode::kStale);
  EXPECT_EQ(DecideErrorCode({Op::kPut, true, false}, 404, "NoSuchKey"), ErrorCode::kStale);
  EXPECT_EQ(DecideErrorCode({Op::kPut, true, false}, 404, "NoSuchBucket"), ErrorCode::kMissingBucket);
  EXPECT_EQ(DecideErrorCode({Op::kCompleteUpload, true, false}, 404, "NoSuchUpload"), ErrorCode::kMissingUpload);
}

TEST(ErrorTable, Pitfall27_NoFailureToReachTheStoreReadsAsNotFound) {
  for (size_t i = 0; i < kStoreOperationCount; ++i) {
    const auto kind = RequestKind::Of(static_cast<Op>(i));
    for (const int status : {200, 301, 400, 401, 403, 408, 429, 500, 502, 503, 504, 507}) {
      EXPECT_NE(DecideErrorCode(kind, status, ""), ErrorCode::kNotFound) << i << " " << status;
    }
  }
}

TEST(ErrorTable, MessageNamesOperationKeyCodeAndRequest) {
  const HttpResponseHead head = {.status = 403, .headers = HeadersOf({{"X-Clv-Request-Id", "clv-7"}})};
  const Error error = ErrorFromAnswer(RequestKind::Of(Op::kGet), "dir/a", head,
                                      "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", {});
  EXPECT_EQ(error.ToString(),
            "AccessDenied: GetObject dir/a: Access Denied (code AccessDenied, HTTP 403, request clv-7)");
}

TEST(ErrorTable, RequestIdOfTheBodyComesFirst) {
  const HttpResponseHead head = {.status = 500, .headers = HeadersOf({{"x-amz-request-id", "header"}})};
  const auto id = [&](std::string_view body) {
    return ErrorFromAnswer(RequestKind::Of(Op::kGet), "k", head, body, {}).request_id();
  };
  EXPECT_EQ(id("<Error><Code>InternalError</Code><RequestId>body</RequestId></Error>"), "body");
  EXPECT_EQ(id("<Error><Code>InternalError</Code></Error>"), "header");
  EXPECT_EQ(id(""), "header");
}

TEST(ErrorTable, AnswerWithoutABodyStillSaysSomething) {
  const Error error = ErrorFromAnswer(RequestKind::Of(Op::kHead), "k", {.status = 404, .headers = {}}, "", {});
  EXPECT_EQ(error.message(), "HeadObject k: answered with HTTP 404");
}

TEST(ErrorTable, RemedyIsNamedWhereTheServiceDoesNot) {
  const auto message = [](int status, const std::string& code) {
    return ErrorFromAnswer(RequestKind::Of(Op::kGet), "k", {.status = status, .headers = {}},
                           "<Error><Code>" + code + "</Code></Error>", {})
        .message();
  };
  EXPECT_NE(message(403, "InvalidObjectState").find("restore it first"), std::string::npos);
  EXPECT_NE(message(404, "NoSuchBucket").find("no such bucket at this endpoint"), std::string::npos);
}

TEST(ErrorTable, RetryAfterIsPassedOn) {
  const HttpResponseHead head = {.status = 503, .headers = HeadersOf({{"Retry-After", "7"}})};
  EXPECT_EQ(ErrorFromAnswer(RequestKind::Of(Op::kGet), "k", head, "", {}).retry_after(), std::chrono::seconds(7));
}

TEST(ErrorTable, KeyOfAMultiDeleteHasItsOwnError) {
  const auto code = [](const std::string& service_code) {
    return ErrorFromKey({.key = "k", .error = {.code = service_code, .message = "m", .request_id = ""}}).code();
  };
  EXPECT_EQ(code("AccessDenied"), ErrorCode::kAccessDenied);
  EXPECT_EQ(code("InternalError"), ErrorCode::kUnavailable);
  EXPECT_EQ(code("NoSuchKey"), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace cosfuse
