#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "emulator/cos/aws_chunked.h"
#include "emulator/cos/body_receiver.h"
#include "emulator/cos/s3_error.h"

namespace cosfuse::emulator {

/// How the bytes of a request's body are framed, and what vouches for them.
struct PayloadFormat {
  bool chunked = false;               ///< aws-chunked.
  std::optional<ChunkSigner> signer;  ///< Each of the chunks is signed.
  std::string sha256;                 ///< Hex; what the whole body has to hash to. Empty: anything.
};

/// What the headers say of the body: x-amz-content-sha256 and Content-Encoding. `signer` and the hash count for a
/// request that is signed; a bearer of a token may frame its body in the same way, but signs nothing.
PayloadFormat ReadPayloadFormat(const Headers& headers, const std::optional<ChunkSigner>& signer);

/// The length of the object that a body carries; nothing where it is not announced.
std::optional<ByteCount> AnnouncedLength(const Headers& headers);

/// Takes a body off the wire into a receiver. Not thread-safe.
class Payload {
 public:
  /// `announced` is the length that the decoded body has to have, if one was named.
  Payload(std::unique_ptr<BodyReceiver> receiver, PayloadFormat format, std::optional<ByteCount> announced);

  void Consume(std::span<const std::byte> piece);
  /// Errors: kIncompleteBody, kSignatureDoesNotMatch, kPayloadMismatch, kInternalError (the sink).
  S3Result<ReceivedBody> Finish();

 private:
  const std::unique_ptr<BodyReceiver> receiver_;
  const std::string expected_sha256_;
  const std::optional<ByteCount> announced_;
  const std::unique_ptr<Digest> sha256_;        // Null where nothing is expected.
  std::unique_ptr<AwsChunkedDecoder> decoder_;  // Null for a plain body.
};

}  // namespace cosfuse::emulator
