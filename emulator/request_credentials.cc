#include "emulator/request_credentials.h"

#include <string>
#include <utility>

namespace cosfuse::emulator {
namespace {

S3Result<RequestCredentials> VerifySignature(const IamService& iam, const RequestHead& head, WallTime now) {
  ASSIGN_OR_RETURN(const SignatureClaim claim, ParseSignature(head.headers, now));
  const HmacKey* key = iam.FindHmacKey(claim.access_key);
  if (key == nullptr) return Refuse(S3Code::kInvalidAccessKeyId);
  std::string signing_key = DeriveSigningKey(key->secret, claim.scope);
  const auto expected = SignRequest(claim, signing_key, head.method, head.target, head.headers);
  if (expected != claim.signature) return Refuse(S3Code::kSignatureDoesNotMatch);
  RequestCredentials credentials;
  credentials.roles = key->roles;
  credentials.payload = ReadPayloadFormat(head.headers, ChunkSigner(claim, std::move(signing_key)));
  return credentials;
}

}  // namespace

S3Result<RequestCredentials> ReadCredentials(const IamService& iam, const RequestHead& head, WallTime now) {
  const std::string* authorization = head.headers.Find("authorization");
  if (authorization != nullptr && IsSigned(*authorization)) return VerifySignature(iam, head, now);
  RequestCredentials credentials;
  credentials.anonymous = authorization == nullptr;
  if (authorization != nullptr) credentials.roles = iam.RolesOf(*authorization);
  credentials.payload = ReadPayloadFormat(head.headers, std::nullopt);
  return credentials;
}

}  // namespace cosfuse::emulator
