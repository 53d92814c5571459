#include "cos/error_table.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "http/retry_after.h"

namespace cosfuse {
namespace {

struct CodeRow {
  std::string_view service_code;
  ErrorCode meaning;
};

// Source: COS documentation, "Error codes"; the codes that S3 has in addition, for stores of that dialect.
constexpr auto kCodes = std::to_array<CodeRow>({
    {"AccessDenied", ErrorCode::kAccessDenied},
    {"AccountProblem", ErrorCode::kAccessDenied},
    {"BadDigest", ErrorCode::kCorrupt},
    {"BucketNotEmpty", ErrorCode::kBusy},
    {"ConditionalRequestConflict", ErrorCode::kConflictInProgress},
    {"EntityTooLarge", ErrorCode::kTooLarge},
    {"EntityTooSmall", ErrorCode::kInvalidArgument},
    {"ExpiredToken", ErrorCode::kAccessDenied},
    {"IncompleteBody", ErrorCode::kCorrupt},
    {"InternalError", ErrorCode::kUnavailable},
    {"InvalidBucketName", ErrorCode::kMissingBucket},
    {"InvalidBucketState", ErrorCode::kBusy},
    {"InvalidDigest", ErrorCode::kInvalidArgument},
    {"InvalidObjectState", ErrorCode::kArchived},
    {"InvalidPart", ErrorCode::kInvalidArgument},
    {"InvalidPartOrder", ErrorCode::kInvalidArgument},
    {"InvalidRange", ErrorCode::kInvalidArgument},
    {"InvalidTag", ErrorCode::kInvalidArgument},
    {"InvalidToken", ErrorCode::kAccessDenied},
    {"KeyTooLong", ErrorCode::kNameTooLong},
    {"KeyTooLongError", ErrorCode::kNameTooLong},
    {"MetadataTooLarge", ErrorCode::kNoSpace},
    {"MissingContentLength", ErrorCode::kProtocol},
    {"NoSuchBucket", ErrorCode::kMissingBucket},
    {"NoSuchKey", ErrorCode::kNotFound},
    {"NoSuchUpload", ErrorCode::kMissingUpload},
    {"NoSuchVersion", ErrorCode::kNotFound},
    {"NotImplemented", ErrorCode::kUnsupported},
    {"OperationAborted", ErrorCode::kConflictInProgress},
    {"PermanentRedirect", ErrorCode::kMissingBucket},
    {"RequestTimeout", ErrorCode::kUnavailable},
    {"ServiceUnavailable", ErrorCode::kThrottled},
    {"SlowDown", ErrorCode::kThrottled},
    {"TooManyRequests", ErrorCode::kThrottled},
    {"XAmzContentChecksumMismatch", ErrorCode::kCorrupt},
});

std::optional<ErrorCode> MeaningOfCode(std::string_view service_code) {
  const auto* const row = std::ranges::find(kCodes, service_code, &CodeRow::service_code);
  if (row != kCodes.end()) return row->meaning;
  // The code of a hard quota is documented for no current version; all that are known contain the word.
  if (service_code.find("Quota") != std::string_view::npos) return ErrorCode::kQuotaExceeded;
  return std::nullopt;
}

/// What a 404 without a code misses.
ErrorCode MeaningOfMissing(StoreOperation operation) {
  switch (operation) {
    case StoreOperation::kHead:
    case StoreOperation::kGet:
    case StoreOperation::kCopy:
    case StoreOperation::kGetTags:
    case StoreOperation::kSetTags:
    case StoreOperation::kDelete: return ErrorCode::kNotFound;
    case StoreOperation::kUploadPart:
    case StoreOperation::kUploadPartCopy:
    case StoreOperation::kCompleteUpload:
    case StoreOperation::kListParts:
    case StoreOperation::kAbortUpload: return ErrorCode::kMissingUpload;
    case StoreOperation::kPut:
    case StoreOperation::kDeleteMany:
    case StoreOperation::kList:
    case StoreOperation::kListUploads:
    case StoreOperation::kListVersions:
    case StoreOperation::kBeginUpload: return ErrorCode::kMissingBucket;
  }
  return ErrorCode::kNotFound;
}

ErrorCode MeaningOfMethodNotAllowed(StoreOperation operation) {
  const bool removes = operation == StoreOperation::kDelete || operation == StoreOperation::kPut;
  return removes ? ErrorCode::kNotPermitted : ErrorCode::kUnsupported;
}

ErrorCode MeaningOfStatus(StoreOperation operation, int status) {
  switch (status) {
    case 200: return ErrorCode::kUnavailable;  // An <Error> with a code that says nothing, in the middle of the work.
    case 301:
    case 307: return ErrorCode::kMissingBucket;
    case 304: return ErrorCode::kNotModified;
    case 401:
    case 403: return ErrorCode::kAccessDenied;
    case 404: return MeaningOfMissing(operation);
    case 405: return MeaningOfMethodNotAllowed(operation);
    case 408: return ErrorCode::kUnavailable;
    case 409: return ErrorCode::kConflictInProgress;
    case 411: return ErrorCode::kProtocol;
    case 412: return ErrorCode::kStale;
    case 413: return ErrorCode::kTooLarge;
    case 429: return ErrorCode::kThrottled;
    case 501: return ErrorCode::kUnsupported;
    case 507: return ErrorCode::kQuotaExceeded;
    default: break;
  }
  if (status >= 500) return ErrorCode::kUnavailable;
  if (status >= 400) return ErrorCode::kInvalidArgument;
  return ErrorCode::kProtocol;
}

bool IsCopy(StoreOperation operation) {
  return operation == StoreOperation::kCopy || operation == StoreOperation::kUploadPartCopy;
}

/// What a person can do about it, where the service's words do not say.
std::string_view HintFor(ErrorCode meaning) {
  if (meaning == ErrorCode::kArchived) return " (archived: restore it first)";
  if (meaning == ErrorCode::kMissingBucket) return " (there is no such bucket at this endpoint)";
  return {};
}

}  // namespace

ErrorCode DecideErrorCode(const RequestKind& kind, int status, std::string_view service_code) {
  // A precondition names the current state of the key that is read or written; of the source, in a copy.
  if (service_code == "PreconditionFailed" || status == 412) {
    if (kind.source_must_differ) return ErrorCode::kNotModified;
    return kind.create_only && !kind.if_match ? ErrorCode::kAlreadyExists : ErrorCode::kStale;
  }
  // COS documents 304 where HTTP has 412 for a reader's If-Unmodified-Since.
  if (status == 304 && kind.must_be_unmodified) return ErrorCode::kStale;
  const ErrorCode meaning = MeaningOfCode(service_code).value_or(MeaningOfStatus(kind.operation, status));
  const bool no_object = status == 404 && (meaning == ErrorCode::kNotFound || service_code.empty());
  if (no_object && kind.if_match && !IsCopy(kind.operation)) return ErrorCode::kStale;
  return meaning;
}

Error ErrorFromAnswer(const RequestKind& kind, std::string_view key, const HttpResponseHead& head,
                      std::string_view body, WallTime now) {
  ServiceError service = FindServiceError(body).value_or(ServiceError());
  const ErrorCode meaning = DecideErrorCode(kind, head.status, service.code);
  std::string message(StoreOperationName(kind.operation));
  if (!key.empty()) message.append(" ").append(key);
  message += ": ";
  message += service.message.empty() ? "answered with HTTP " + std::to_string(head.status) : service.message;
  message += HintFor(meaning);
  if (service.request_id.empty()) {
    auto id = head.headers.Get("x-amz-request-id");
    if (!id) id = head.headers.Get("X-Clv-Request-Id");
    service.request_id = id.value_or("");
  }
  std::optional<std::chrono::milliseconds> retry_after;
  if (const auto value = head.headers.Get("Retry-After")) retry_after = ParseRetryAfter(*value, now);
  return Error(meaning, std::move(message))
      .SetService(std::move(service.code), std::move(service.request_id), head.status)
      .SetRetryAfter(retry_after);
}

Error ErrorFromKey(const KeyError& failure) {
  constexpr int kInsideSuccess = 200;
  const ErrorCode meaning =
      DecideErrorCode(RequestKind::Of(StoreOperation::kDeleteMany), kInsideSuccess, failure.error.code);
  return Error(meaning, "DeleteObjects " + failure.key + ": " + failure.error.message)
      .SetService(failure.error.code, failure.error.request_id, kInsideSuccess);
}

}  // namespace cosfuse
