#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/wire/message.h"

namespace cosfuse::emulator {

/// The errors of the S3 API that the emulator gives.
enum class S3Code {
  kAccessDenied,
  kAuthorizationMalformed,
  kBadDigest,
  kEntityTooLarge,
  kEntityTooSmall,
  kIllegalVersioning,
  kIncompleteBody,
  kInternalError,
  kInvalidAccessKeyId,
  kInvalidArgument,
  kInvalidDigest,
  kInvalidObjectState,
  kInvalidPart,
  kInvalidPartOrder,
  kInvalidRange,
  kInvalidRequest,
  kInvalidTag,
  kInvalidUri,
  kKeyTooLong,
  kMalformedXml,
  kMetadataTooLarge,
  kMethodNotAllowed,
  kMissingContentLength,
  kNoSuchBucket,
  kNoSuchKey,
  kNoSuchUpload,
  kNoSuchVersion,
  kNotImplemented,
  kOperationAborted,
  kPayloadMismatch,
  kPreconditionFailed,
  kQuotaExceeded,
  kRequestTimeTooSkewed,
  kSignatureDoesNotMatch,
};

struct S3CodeInfo {
  int status;
  std::string_view name;
  std::string_view message;
};
S3CodeInfo Describe(S3Code code);

struct S3Error {
  S3Code code;
  std::string message;  ///< Instead of the usual one; may be empty.
  /// Beside what every answer carries.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

template <typename T = void>
using S3Result = std::expected<T, S3Error>;

inline std::unexpected<S3Error> Refuse(S3Code code, std::string message = {}) {
  return std::unexpected(S3Error{code, std::move(message)});
}

/// The XML that answers a failed request. `resource` is the decoded path.
Reply MakeErrorReply(const S3Error& error, std::string_view resource, std::string_view request_id);
/// The same for a status and code that are not in the table (injected faults).
Reply MakeErrorReply(int status, std::string_view code, std::string_view message, std::string_view resource,
                     std::string_view request_id);

}  // namespace cosfuse::emulator
