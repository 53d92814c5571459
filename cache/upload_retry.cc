#include "cache/upload_retry.h"

#include <algorithm>
#include <chrono>

namespace cosfuse {
namespace {

bool TimeMayMend(ErrorCode code) {
  switch (code) {
    case ErrorCode::kStale:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kNotPermitted:
    case ErrorCode::kReadOnly:
    case ErrorCode::kNotEmpty:
    case ErrorCode::kNotDirectory:
    case ErrorCode::kIsDirectory:
    case ErrorCode::kNameTooLong:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported:
    case ErrorCode::kTooLarge:
    case ErrorCode::kBadHandle:
    case ErrorCode::kNoAttribute:
    case ErrorCode::kTooManyLinks:
    case ErrorCode::kInternal:
    case ErrorCode::kCancelled: return false;
    case ErrorCode::kNotFound:
    case ErrorCode::kNotModified:
    case ErrorCode::kAccessDenied:  // Roles and trust relationships are repaired while a mount lives.
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kMissingBucket:
    case ErrorCode::kUntrustedPeer:
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kNoSpace:
    case ErrorCode::kBusy:
    case ErrorCode::kConflictInProgress:
    case ErrorCode::kArchived:
    case ErrorCode::kThrottled:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimedOut:
    case ErrorCode::kWouldWait:
    case ErrorCode::kCorrupt:
    case ErrorCode::kProtocol:
    case ErrorCode::kMissingUpload: return true;
  }
  return false;
}

}  // namespace

std::optional<Duration> DecideUploadRetry(ErrorCode code, int failures, double jitter) {
  constexpr Duration kFirst = std::chrono::seconds(1);
  constexpr Duration kLongest = std::chrono::minutes(1);
  constexpr int kDoublings = 6;  // 64 s: beyond the longest.
  if (!TimeMayMend(code)) return std::nullopt;
  const Duration delay = std::min(kFirst * (1 << std::clamp(failures - 1, 0, kDoublings)), kLongest);
  return std::chrono::duration_cast<Duration>(delay * (1.0 - jitter / 2));
}

bool MayBeStoredAfter(ErrorCode code) {
  switch (code) {
    case ErrorCode::kStale:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kAccessDenied:
    case ErrorCode::kNotPermitted:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kMissingBucket:
    case ErrorCode::kUntrustedPeer:
    case ErrorCode::kReadOnly:
    case ErrorCode::kNotEmpty:
    case ErrorCode::kNotDirectory:
    case ErrorCode::kIsDirectory:
    case ErrorCode::kNameTooLong:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported:
    case ErrorCode::kTooLarge:
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kNoSpace:
    case ErrorCode::kArchived:
    case ErrorCode::kBadHandle:
    case ErrorCode::kNoAttribute:
    case ErrorCode::kTooManyLinks:
    case ErrorCode::kWouldWait: return false;
    case ErrorCode::kNotFound:
    case ErrorCode::kNotModified:
    case ErrorCode::kBusy:
    case ErrorCode::kConflictInProgress:
    case ErrorCode::kThrottled:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimedOut:
    case ErrorCode::kCancelled:
    case ErrorCode::kCorrupt:
    case ErrorCode::kProtocol:
    case ErrorCode::kMissingUpload:
    case ErrorCode::kInternal: return true;
  }
  return true;
}

}  // namespace cosfuse
