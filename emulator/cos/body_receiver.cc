#include "emulator/cos/body_receiver.h"

#include <utility>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kMd5Bytes = 16;

}  // namespace

BodyReceiver::BodyReceiver(std::unique_ptr<BodySink> sink, const Digests& digests, std::string etag)
    : sink_(std::move(sink)),
      algorithm_(digests.algorithm),
      etag_(std::move(etag)),
      md5_(digests.md5 ? NewMd5() : nullptr),
      checksum_(digests.algorithm ? NewChecksum(*digests.algorithm) : nullptr) {}

void BodyReceiver::Consume(std::span<const std::byte> piece) {
  received_ += piece.size();
  if (failure_) return;
  auto appended = sink_->Append(piece);
  if (!appended) failure_ = std::move(appended).error();
  if (md5_ != nullptr) md5_->Update(piece);
  if (checksum_ != nullptr) checksum_->Update(piece);
}

Result<ReceivedBody> BodyReceiver::Finish() {
  if (failure_) return Fail(*failure_);
  ASSIGN_OR_RETURN(Body body, sink_->Finish());
  ReceivedBody received{std::move(body), "", etag_, algorithm_, "", ""};
  if (md5_ != nullptr) received.md5 = md5_->Finish();
  if (received.etag.empty()) received.etag = HexEncode(AsBytes(received.md5));
  if (checksum_ != nullptr) received.checksum = checksum_->Finish();
  return received;
}

std::optional<ChecksumAlgorithm> AnnouncedChecksum(const Headers& headers) {
  if (const auto algorithm = FindChecksum(headers)) return algorithm;
  const std::string_view trailer = headers.Get("x-amz-trailer");
  if (trailer.empty()) return std::nullopt;
  Headers announced;
  announced.Add(trailer, "");
  return FindChecksum(announced);
}

S3Result<> VerifyDigests(const Headers& headers, const ReceivedBody& received) {
  if (const std::string* expected = headers.Find("content-md5")) {
    const auto decoded = Base64Decode(*expected);
    if (!decoded || decoded->size() != kMd5Bytes) return Refuse(S3Code::kInvalidDigest);
    if (*decoded != received.md5) return Refuse(S3Code::kBadDigest);
  }
  if (received.algorithm) {
    const std::string_view header = headers.Get(ChecksumHeader(*received.algorithm));
    const auto decoded = Base64Decode(header.empty() ? received.trailing_checksum : header);
    if (!decoded || decoded->size() != received.checksum.size()) {
      return Refuse(S3Code::kInvalidRequest, "The checksum header is not valid.");
    }
    if (*decoded != received.checksum) return Refuse(S3Code::kBadDigest);
  }
  return {};
}

}  // namespace cosfuse::emulator
