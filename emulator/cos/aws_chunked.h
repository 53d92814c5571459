#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_range.h"
#include "emulator/cos/digest.h"
#include "emulator/cos/s3_error.h"
#include "emulator/cos/sigv4.h"
#include "emulator/wire/headers.h"

namespace cosfuse::emulator {

/// Takes an aws-chunked body apart: `SIZE[;chunk-signature=…]` CRLF bytes CRLF, a chunk of size 0 as the last, then
/// maybe trailing headers. Bytes are handed on as they come; what is wrong shows at the end. Not thread-safe.
/// Source: Amazon S3 API Reference, "Signature Calculations … Transferring Payload in Multiple Chunks", and the same
/// "… with trailing headers".
class AwsChunkedDecoder {
 public:
  using Sink = std::function<void(std::span<const std::byte>)>;

  /// With a signer each chunk has to carry the right signature.
  AwsChunkedDecoder(std::optional<ChunkSigner> signer, Sink sink)
      : signer_(std::move(signer)), sink_(std::move(sink)) {}

  void Consume(std::span<const std::byte> piece);
  /// Errors: kIncompleteBody (not well-formed, or it ends early), kSignatureDoesNotMatch.
  S3Result<> Finish();

  const Headers& trailers() const { return trailers_; }
  ByteCount decoded() const { return decoded_; }

 private:
  enum class State { kChunkHeader, kData, kDataEnd, kTrailer, kDone, kFailed };

  void OnLine(std::string_view line);
  void OnChunkHeader(std::string_view line);
  void OnTrailer(std::string_view line);
  void EndChunk();
  void Fail(S3Code code);

  std::optional<ChunkSigner> signer_;
  const Sink sink_;

  State state_ = State::kChunkHeader;
  S3Code failure_ = S3Code::kIncompleteBody;
  std::string line_;  // What has come of a line so far.
  ByteCount remaining_ = 0;
  ByteCount decoded_ = 0;
  std::string signature_;  // That of the chunk being read.
  std::unique_ptr<Digest> digest_;
  std::string canonical_trailer_;
  std::string trailer_signature_;
  Headers trailers_;
};

}  // namespace cosfuse::emulator
