#include "auth/token_file.h"

#include <utility>

#include "auth/jwt_claims.h"

namespace cosfuse {
namespace {

constexpr std::string_view kMountRemedy =
    "Mount a projected volume with a serviceAccountToken source (audience iam) there, or name the file by "
    "--token-file or CR_TOKEN_FILE_PATH";

constexpr CredentialFile::Words kTokenFileWords = {
    .name = "the token file", .holds = "a token", .when_absent = kMountRemedy};

}  // namespace

TokenFile::TokenFile(Disk& disk, std::string path) : file_(disk, std::move(path), kTokenFileWords) {}

Result<Secret> TokenFile::Read() const {
  ASSIGN_OR_RETURN(Secret token, file_.Read());
  if (!LooksLikeJwt(token.Reveal())) {
    return Fail(ErrorCode::kUnauthenticated,
                "the token file " + path() + " holds no JSON web token. " + std::string(kMountRemedy));
  }
  return token;
}

}  // namespace cosfuse
