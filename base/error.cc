#include "base/error.h"

namespace cosfuse {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound: return "NotFound";
    case ErrorCode::kAlreadyExists: return "AlreadyExists";
    case ErrorCode::kStale: return "Stale";
    case ErrorCode::kNotModified: return "NotModified";
    case ErrorCode::kAccessDenied: return "AccessDenied";
    case ErrorCode::kNotPermitted: return "NotPermitted";
    case ErrorCode::kUnauthenticated: return "Unauthenticated";
    case ErrorCode::kReadOnly: return "ReadOnly";
    case ErrorCode::kNotEmpty: return "NotEmpty";
    case ErrorCode::kNotDirectory: return "NotDirectory";
    case ErrorCode::kIsDirectory: return "IsDirectory";
    case ErrorCode::kNameTooLong: return "NameTooLong";
    case ErrorCode::kInvalidArgument: return "InvalidArgument";
    case ErrorCode::kUnsupported: return "Unsupported";
    case ErrorCode::kTooLarge: return "TooLarge";
    case ErrorCode::kNoSpace: return "NoSpace";
    case ErrorCode::kQuotaExceeded: return "QuotaExceeded";
    case ErrorCode::kBusy: return "Busy";
    case ErrorCode::kConflictInProgress: return "ConflictInProgress";
    case ErrorCode::kArchived: return "Archived";
    case ErrorCode::kThrottled: return "Throttled";
    case ErrorCode::kUnavailable: return "Unavailable";
    case ErrorCode::kTimedOut: return "TimedOut";
    case ErrorCode::kCancelled: return "Cancelled";
    case ErrorCode::kWouldWait: return "WouldWait";
    case ErrorCode::kCorrupt: return "Corrupt";
    case ErrorCode::kProtocol: return "Protocol";
    case ErrorCode::kUntrustedPeer: return "UntrustedPeer";
    case ErrorCode::kMissingBucket: return "MissingBucket";
    case ErrorCode::kMissingUpload: return "MissingUpload";
    case ErrorCode::kBadHandle: return "BadHandle";
    case ErrorCode::kNoAttribute: return "NoAttribute";
    case ErrorCode::kTooManyLinks: return "TooManyLinks";
    case ErrorCode::kInternal: return "Internal";
  }
  return "Unknown";
}

Error&& Error::SetService(std::string service_code, std::string request_id, int http_status) && {
  service_code_ = std::move(service_code);
  request_id_ = std::move(request_id);
  http_status_ = http_status;
  return std::move(*this);
}

Error&& Error::SetRetryAfter(std::optional<std::chrono::milliseconds> delay) && {
  retry_after_ = delay;
  return std::move(*this);
}

Error Error::WithContext(std::string_view what) const {
  Error error = *this;
  error.message_ = std::string(what) + ": " + message_;
  return error;
}

Error Error::WithCode(ErrorCode code) const {
  Error error = *this;
  error.code_ = code;
  return error;
}

std::string Error::ToString() const {
  std::string text = std::string(ErrorCodeName(code_)) + ": " + message_;
  std::string details;
  const auto add = [&details](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    details += (details.empty() ? "" : ", ") + std::string(label) + " " + value;
  };
  add("code", service_code_);
  add("HTTP", http_status_ == 0 ? "" : std::to_string(http_status_));
  add("request", request_id_);
  return details.empty() ? text : text + " (" + details + ")";
}

}  // namespace cosfuse
