#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cosfuse {

/// What went wrong, by meaning. Which HTTP answer has which meaning is decided in cos/error_table.h, which of them is
/// worth another try in http/retry.h, which errno a program sees in fs/errno.h; nowhere else.
enum class ErrorCode {
  kNotFound,            ///< No such object, key or name.
  kAlreadyExists,       ///< A create-only request met an existing name.
  kStale,               ///< The version that the caller named is no longer the current one.
  kNotModified,         ///< A conditional read: the version is still the one that the caller has (HTTP 304).
  kAccessDenied,        ///< The role, a firewall or a permission bit forbids it.
  kNotPermitted,        ///< Nobody may do this here (retention policy, hard link).
  kUnauthenticated,     ///< IAM refuses to give a token: configuration has to be repaired.
  kReadOnly,            ///< The mount takes no changes (any more).
  kNotEmpty,            ///< A directory has entries.
  kNotDirectory,        ///< A component of the path is not a directory.
  kIsDirectory,         ///< The name is a directory.
  kNameTooLong,         ///< A component or key exceeds its limit.
  kInvalidArgument,     ///< The caller's value can never be right.
  kUnsupported,         ///< Not offered, by design or by the store's dialect.
  kTooLarge,            ///< Beyond the largest possible object.
  kNoSpace,             ///< A local or metadata budget is exhausted.
  kQuotaExceeded,       ///< The bucket's quota is exhausted.
  kBusy,                ///< In use, or in a state that forbids it for now.
  kConflictInProgress,  ///< The store is carrying out a conflicting conditional request: try again.
  kArchived,            ///< The object must be restored from the archive first.
  kThrottled,           ///< The service asks for fewer requests.
  kUnavailable,         ///< No answer, or a failure of the service. Never to be read as "not found".
  kTimedOut,            ///< A deadline passed.
  kCancelled,           ///< The caller gave up.
  kWouldWait,           ///< The caller may not wait (OpContext::may_wait) and this has to.
  kCorrupt,             ///< Bytes are missing or a checksum is wrong.
  kProtocol,            ///< The answer makes no sense.
  kUntrustedPeer,       ///< TLS could not verify who answers.
  kMissingBucket,       ///< The bucket does not exist, or not at this endpoint.
  kMissingUpload,       ///< The multipart upload does not exist any more.
  kBadHandle,           ///< An unknown handle, or one not open for this.
  kNoAttribute,         ///< No such extended attribute.
  kTooManyLinks,        ///< Too many levels of symbolic links or of names.
  kInternal,            ///< A broken invariant of ours.
};

/// The code's name without its `k`, as logs show it ("NotFound").
std::string_view ErrorCodeName(ErrorCode code);

/// A failure as a value: a meaning, one line for a person, and what a retry or a log wants to know. Copyable.
/// Messages never hold a secret.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  /// The service's own code ("NoSuchKey", "BXNIM0398E"), empty where there is none.
  const std::string& service_code() const { return service_code_; }
  /// The service's id of the request, for its support; empty where there is none.
  const std::string& request_id() const { return request_id_; }
  /// The HTTP status behind the error; 0 where no answer came.
  int http_status() const { return http_status_; }
  /// How long the service asks to wait before another try.
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }

  Error&& SetService(std::string service_code, std::string request_id, int http_status) &&;
  Error&& SetRetryAfter(std::optional<std::chrono::milliseconds> delay) &&;

  /// The same error, its message prefixed: "what: message".
  Error WithContext(std::string_view what) const;
  /// The same error under another meaning, for a layer that knows better what it means there.
  Error WithCode(ErrorCode code) const;

  /// "NotFound: message (code NoSuchKey, HTTP 404, request 1a2b)".
  std::string ToString() const;

 private:
  ErrorCode code_;
  int http_status_ = 0;
  std::string message_;
  std::string service_code_;
  std::string request_id_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

template <typename T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return std::unexpected(Error(code, std::move(message)));
}
inline std::unexpected<Error> Fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace cosfuse

#define COSFUSE_CONCAT_INNER(a, b) a##b
#define COSFUSE_CONCAT(a, b) COSFUSE_CONCAT_INNER(a, b)

/// Returns the error of `expression` (a Result) from the enclosing function, if it has one.
#define RETURN_IF_ERROR(expression)                                                 \
  do {                                                                              \
    auto cosfuse_result = (expression);                                             \
    if (!cosfuse_result) return std::unexpected(std::move(cosfuse_result).error()); \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
/// `ASSIGN_OR_RETURN(auto head, store.Head(...));` declares `head`, or returns the error from the enclosing function.
#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_INNER(COSFUSE_CONCAT(cosfuse_result_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_INNER(result, declaration, expression)   \
  auto result = (expression);                                     \
  if (!result) return std::unexpected(std::move(result).error()); \
  declaration = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)
