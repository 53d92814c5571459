#include "auth/api_key_grant.h"

#include <algorithm>
#include <utility>

namespace cosfuse {
namespace {

constexpr CredentialFile::Words kApiKeyFileWords = {
    .name = "the API key file",
    .holds = "an API key",
    .when_absent =
        "Put the key into it (ibmcloud iam service-api-key-create makes one), or name the file by "
        "--api-key-file or COSFUSE_API_KEY_FILE"};

/// One word of printable characters: what IAM documents for a key, without depending on its length.
bool LooksLikeAnApiKey(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '{'; });
}

}  // namespace

ApiKeyGrant::ApiKeyGrant(Disk& disk, std::string key_file)
    : label_("the API key in " + key_file), file_(disk, std::move(key_file), kApiKeyFileWords) {}

Result<PreparedGrant> ApiKeyGrant::Prepare() const {
  PreparedGrant prepared;
  ASSIGN_OR_RETURN(prepared.credential, file_.Read());
  if (!LooksLikeAnApiKey(prepared.credential.Reveal())) {
    return Fail(ErrorCode::kUnauthenticated, "the API key file " + file_.path() +
                                                 " holds more than a key. Put the bare key into it: of a file in JSON "
                                                 "the value of \"apikey\", without quotes");
  }
  prepared.form = BuildApiKeyForm(prepared.credential);
  prepared.context.kind = GrantKind::kApiKey;
  prepared.context.file = file_.path();
  return prepared;
}

}  // namespace cosfuse
