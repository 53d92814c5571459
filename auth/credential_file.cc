#include "auth/credential_file.h"

#include "base/encoding.h"

namespace cosfuse {
namespace {

// A token with all its claims is some 1 to 2 KiB, an API key 44 characters.
constexpr ByteCount kLongestCredential = 64 * kKiB;

}  // namespace

std::string CredentialFile::Describe(const Error& error) const {
  const std::string file = std::string(words_.name) + " " + path_;
  const std::string remedy = ". " + std::string(words_.when_absent);
  switch (error.code()) {
    case ErrorCode::kNotFound:
    case ErrorCode::kNotDirectory: return file + " does not exist" + remedy;
    case ErrorCode::kIsDirectory: return file + " is a directory. Name the file in it";
    case ErrorCode::kAccessDenied:
      return file + " may not be read. Run as the user that owns it, or set fsGroup in the pod's securityContext";
    case ErrorCode::kTooLarge:
      return file + " is too long to hold " + std::string(words_.holds) + ". Name the right file";
    default: return std::string(words_.name) + " cannot be read: " + error.message() + remedy;
  }
}

Result<Secret> CredentialFile::Read() const {
  auto text = disk_.ReadSmallFile(path_, kLongestCredential);
  if (!text) return Fail(ErrorCode::kUnauthenticated, Describe(text.error()));
  Secret content{std::string(TrimWhitespace(*text))};
  WipeString(*text);
  if (content.empty()) {
    return Fail(ErrorCode::kUnauthenticated,
                std::string(words_.name) + " " + path_ + " is empty. " + std::string(words_.when_absent));
  }
  return content;
}

}  // namespace cosfuse
