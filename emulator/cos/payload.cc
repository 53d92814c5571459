#include "emulator/cos/payload.h"

#include <charconv>
#include <utility>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

constexpr std::string_view kStreaming = "STREAMING-";
constexpr std::string_view kStreamingSigned = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";

std::optional<ByteCount> ReadLength(const std::string* text) {
  if (text == nullptr || text->empty()) return std::nullopt;
  ByteCount length = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
  return error == std::errc() && end == text->data() + text->size() ? std::optional(length) : std::nullopt;
}

}  // namespace

PayloadFormat ReadPayloadFormat(const Headers& headers, const std::optional<ChunkSigner>& signer) {
  const std::string_view hash = headers.Get("x-amz-content-sha256");
  PayloadFormat format;
  format.chunked = hash.starts_with(kStreaming);
  if (!signer) return format;
  if (hash.starts_with(kStreamingSigned)) format.signer.emplace(*signer);
  if (!format.chunked && hash != kUnsigned) format.sha256 = hash;
  return format;
}

std::optional<ByteCount> AnnouncedLength(const Headers& headers) {
  if (headers.Get("x-amz-content-sha256").starts_with(kStreaming)) {
    return ReadLength(headers.Find("x-amz-decoded-content-length"));
  }
  return ReadLength(headers.Find("content-length"));
}

Payload::Payload(std::unique_ptr<BodyReceiver> receiver, PayloadFormat format, std::optional<ByteCount> announced)
    : receiver_(std::move(receiver)),
      expected_sha256_(std::move(format.sha256)),
      announced_(announced),
      sha256_(expected_sha256_.empty() ? nullptr : NewChecksum(ChecksumAlgorithm::kSha256)) {
  if (!format.chunked) return;
  decoder_ = std::make_unique<AwsChunkedDecoder>(std::move(format.signer),
                                                 [this](std::span<const std::byte> data) { receiver_->Consume(data); });
}

void Payload::Consume(std::span<const std::byte> piece) {
  if (sha256_ != nullptr) sha256_->Update(piece);
  if (decoder_ != nullptr) {
    decoder_->Consume(piece);
  } else {
    receiver_->Consume(piece);
  }
}

S3Result<ReceivedBody> Payload::Finish() {
  if (sha256_ != nullptr && HexEncode(AsBytes(sha256_->Finish())) != ToLowerAscii(expected_sha256_)) {
    return Refuse(S3Code::kPayloadMismatch);
  }
  if (decoder_ != nullptr) {
    RETURN_IF_ERROR(decoder_->Finish());
    if (announced_ && *announced_ != decoder_->decoded()) return Refuse(S3Code::kIncompleteBody);
  }
  auto received = receiver_->Finish();
  if (!received) return Refuse(S3Code::kInternalError, received.error().message());
  if (decoder_ != nullptr && received->algorithm) {
    received->trailing_checksum = decoder_->trailers().Get(ChecksumHeader(*received->algorithm));
  }
  return *std::move(received);
}

}  // namespace cosfuse::emulator
