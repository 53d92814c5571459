#include "auth/token_file.h"

#include <string_view>

#include "auth/jwt_claims.h"
#include "base/encoding.h"

namespace cosfuse {
namespace {

// A token with all its claims is some 1 to 2 KiB.
constexpr ByteCount kLongestToken = 64 * kKiB;

constexpr std::string_view kMountRemedy =
    ". Mount a projected volume with a serviceAccountToken source (audience iam) there, or name the file by "
    "--token-file or CR_TOKEN_FILE_PATH";

std::string Describe(const std::string& path, const Error& error) {
  switch (error.code()) {
    case ErrorCode::kNotFound:
    case ErrorCode::kNotDirectory: return "the token file " + path + " does not exist" + std::string(kMountRemedy);
    case ErrorCode::kIsDirectory: return "the token file " + path + " is a directory. Name the file in it";
    case ErrorCode::kAccessDenied:
      return "the token file " + path +
             " may not be read. Run as the user that owns it, or set fsGroup in the pod's securityContext";
    case ErrorCode::kTooLarge: return "the token file " + path + " is too long to be a token. Name the right file";
    default: return "the token file cannot be read: " + error.message() + std::string(kMountRemedy);
  }
}

}  // namespace

Result<Secret> TokenFile::Read() const {
  auto text = disk_.ReadSmallFile(path_, kLongestToken);
  if (!text) return Fail(ErrorCode::kUnauthenticated, Describe(path_, text.error()));
  const std::string_view trimmed = TrimWhitespace(*text);
  const bool empty = trimmed.empty();
  const bool is_jwt = LooksLikeJwt(trimmed);
  Secret token{std::string(trimmed)};
  WipeString(*text);
  if (empty)
    return Fail(ErrorCode::kUnauthenticated, "the token file " + path_ + " is empty" + std::string(kMountRemedy));
  if (!is_jwt) {
    return Fail(ErrorCode::kUnauthenticated,
                "the token file " + path_ + " holds no JSON web token" + std::string(kMountRemedy));
  }
  return token;
}

}  // namespace cosfuse
