#include "emulator/cos/body_receiver.h"

#include <utility>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kMd5Bytes = 16;

}  // namespace

BodyReceiver::BodyReceiver(std::unique_ptr<BodySink> sink, std::optional<ChecksumAlgorithm> algorithm)
    : sink_(std::move(sink)),
      algorithm_(algorithm),
      md5_(NewMd5()),
      checksum_(algorithm ? NewChecksum(*algorithm) : nullptr) {}

void BodyReceiver::Consume(std::span<const std::byte> piece) {
  received_ += piece.size();
  if (failure_) return;
  auto appended = sink_->Append(piece);
  if (!appended) failure_ = std::move(appended).error();
  md5_->Update(piece);
  if (checksum_ != nullptr) checksum_->Update(piece);
}

Result<ReceivedBody> BodyReceiver::Finish() {
  if (failure_) return Fail(*failure_);
  ASSIGN_OR_RETURN(Body body, sink_->Finish());
  return ReceivedBody{std::move(body), md5_->Finish(), algorithm_,
                      checksum_ == nullptr ? std::string() : checksum_->Finish(), ""};
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
