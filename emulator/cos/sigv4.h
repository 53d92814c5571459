#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "emulator/cos/s3_error.h"
#include "emulator/wire/headers.h"

namespace cosfuse::emulator {

/// What an `Authorization: AWS4-HMAC-SHA256 …` header says.
/// Source of all here: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)", which COS serves
/// with HMAC credentials.
struct SignatureClaim {
  std::string access_key;
  std::string scope;  ///< "20260101/us-south/s3/aws4_request"; every region is taken.
  std::vector<std::string> signed_headers;
  std::string signature;     ///< Lower-case hex.
  std::string timestamp;     ///< x-amz-date: "20260101T000000Z".
  std::string payload_hash;  ///< x-amz-content-sha256.
};

/// Whether the Authorization header is of this kind.
bool IsSigned(std::string_view authorization);

/// Errors: kAuthorizationMalformed (the header itself, or a scope that does not suit the date), kInvalidRequest
/// (x-amz-date or x-amz-content-sha256 is missing), kRequestTimeTooSkewed (more than 15 minutes from `now`). Pure.
S3Result<SignatureClaim> ParseSignature(const Headers& headers, WallTime now);

/// The key for one secret and one scope, raw.
std::string DeriveSigningKey(std::string_view secret, std::string_view scope);

/// The signature that the request should have, in hex. `raw_target` is the target as it came over the wire. Nothing
/// where the target cannot be decoded. Pure.
std::optional<std::string> SignRequest(const SignatureClaim& claim, std::string_view signing_key,
                                       std::string_view method, std::string_view raw_target, const Headers& headers);

/// Signs the chunks of an aws-chunked body, each over the signature before it. Not thread-safe.
class ChunkSigner {
 public:
  /// `claim` is that of the head, whose signature is the first link.
  ChunkSigner(const SignatureClaim& claim, std::string signing_key)
      : timestamp_(claim.timestamp), scope_(claim.scope), key_(std::move(signing_key)), previous_(claim.signature) {}

  /// The signature of the next chunk, whose bytes have this SHA-256 (hex).
  std::string SignChunk(std::string_view sha256_hex);
  /// The signature of the trailer, whose canonical lines have this SHA-256 (hex).
  std::string SignTrailer(std::string_view sha256_hex);

 private:
  std::string timestamp_;
  std::string scope_;
  std::string key_;
  std::string previous_;
};

/// SHA-256 in hex.
std::string Sha256Hex(std::string_view bytes);

}  // namespace cosfuse::emulator
