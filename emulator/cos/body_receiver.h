#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "emulator/cos/digest.h"
#include "emulator/cos/s3_error.h"
#include "emulator/wire/body.h"
#include "emulator/wire/headers.h"

namespace cosfuse::emulator {

/// A request's body and what was computed over it.
struct ReceivedBody {
  Body body;
  std::string md5;                             ///< Raw; empty where neither the ETag nor the client asks for it.
  std::string etag;                            ///< Without quotes.
  std::optional<ChecksumAlgorithm> algorithm;  ///< The one that the request named.
  std::string checksum;                        ///< Raw; empty without an algorithm.
  std::string trailing_checksum;               ///< What a trailer claims it to be (base64); empty where none does.
};

/// Takes a body into a sink and computes its digests on the way. Not thread-safe.
class BodyReceiver {
 public:
  struct Digests {
    bool md5 = true;
    std::optional<ChecksumAlgorithm> algorithm;
  };
  /// `etag` is the body's ETag; empty: its MD5, which `digests` then has to name.
  BodyReceiver(std::unique_ptr<BodySink> sink, const Digests& digests, std::string etag);

  /// After a failure the rest is ignored, and Finish reports it.
  void Consume(std::span<const std::byte> piece);
  Result<ReceivedBody> Finish();

  ByteCount received() const { return received_; }

 private:
  const std::unique_ptr<BodySink> sink_;
  const std::optional<ChecksumAlgorithm> algorithm_;
  const std::string etag_;
  const std::unique_ptr<Digest> md5_;       ///< Null where it is not wanted.
  const std::unique_ptr<Digest> checksum_;  ///< Null where none is wanted.
  std::optional<Error> failure_;
  ByteCount received_ = 0;
};

/// The algorithm whose checksum a header carries, or a trailer will (x-amz-trailer).
std::optional<ChecksumAlgorithm> AnnouncedChecksum(const Headers& headers);

/// Checks Content-MD5 and the x-amz-checksum header or trailer, where sent, against the body. Errors: kBadDigest,
/// kInvalidDigest.
S3Result<> VerifyDigests(const Headers& headers, const ReceivedBody& received);

}  // namespace cosfuse::emulator
