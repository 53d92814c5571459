#include "fs/errno.h"

#include <cerrno>

namespace cosfuse {

int ErrnoFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound: return ENOENT;
    case ErrorCode::kAlreadyExists: return EEXIST;
    case ErrorCode::kStale: return ESTALE;
    case ErrorCode::kAccessDenied:
    case ErrorCode::kUnauthenticated: return EACCES;
    case ErrorCode::kNotPermitted: return EPERM;
    case ErrorCode::kReadOnly: return EROFS;
    case ErrorCode::kNotEmpty: return ENOTEMPTY;
    case ErrorCode::kNotDirectory: return ENOTDIR;
    case ErrorCode::kIsDirectory: return EISDIR;
    case ErrorCode::kNameTooLong: return ENAMETOOLONG;
    case ErrorCode::kInvalidArgument: return EINVAL;
    case ErrorCode::kUnsupported: return EOPNOTSUPP;
    case ErrorCode::kTooLarge: return EFBIG;
    case ErrorCode::kNoSpace: return ENOSPC;
    case ErrorCode::kQuotaExceeded: return EDQUOT;
    case ErrorCode::kBusy: return EBUSY;
    case ErrorCode::kTimedOut: return ETIMEDOUT;
    case ErrorCode::kCancelled: return EINTR;
    case ErrorCode::kBadHandle: return EBADF;
    case ErrorCode::kNoAttribute: return ENODATA;
    case ErrorCode::kTooManyLinks: return ELOOP;
    case ErrorCode::kArchived:
    case ErrorCode::kNotModified:
    case ErrorCode::kConflictInProgress:
    case ErrorCode::kThrottled:
    case ErrorCode::kUnavailable:
    case ErrorCode::kWouldWait:
    case ErrorCode::kCorrupt:
    case ErrorCode::kProtocol:
    case ErrorCode::kUntrustedPeer:
    case ErrorCode::kMissingBucket:
    case ErrorCode::kMissingUpload:
    case ErrorCode::kInternal: return EIO;
  }
  return EIO;
}

}  // namespace cosfuse
