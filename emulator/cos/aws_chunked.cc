#include "emulator/cos/aws_chunked.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kLongestLine = 4096;
constexpr std::string_view kSignatureExtension = ";chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

}  // namespace

void AwsChunkedDecoder::Consume(std::span<const std::byte> piece) {
  while (!piece.empty() && state_ != State::kFailed) {
    if (state_ == State::kData) {
      const auto data = piece.subspan(0, std::min<size_t>(piece.size(), remaining_));
      if (digest_ != nullptr) digest_->Update(data);
      sink_(data);
      decoded_ += data.size();
      remaining_ -= data.size();
      piece = piece.subspan(data.size());
      if (remaining_ == 0) state_ = State::kDataEnd;
      continue;
    }
    const std::string_view text = AsText(piece);
    const size_t end = text.find('\n');
    line_ += text.substr(0, end);
    if (line_.size() > kLongestLine) return Fail(S3Code::kIncompleteBody);
    if (end == std::string_view::npos) return;
    piece = piece.subspan(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    const std::string line = std::exchange(line_, {});
    OnLine(line);
  }
}

void AwsChunkedDecoder::OnLine(std::string_view line) {
  switch (state_) {
    case State::kChunkHeader: return OnChunkHeader(line);
    case State::kDataEnd:
      if (!line.empty()) return Fail(S3Code::kIncompleteBody);
      return EndChunk();
    case State::kTrailer: return OnTrailer(line);
    case State::kDone:
    case State::kData:
    case State::kFailed: return;
  }
}

void AwsChunkedDecoder::OnChunkHeader(std::string_view line) {
  const size_t semicolon = std::min(line.find(';'), line.size());
  const char* const begin = line.data();
  const auto [end, error] = std::from_chars(begin, begin + semicolon, remaining_, 16);
  if (error != std::errc() || end != begin + semicolon) return Fail(S3Code::kIncompleteBody);
  const std::string_view extension = line.substr(semicolon);
  if (extension.starts_with(kSignatureExtension)) signature_ = extension.substr(kSignatureExtension.size());
  if (signer_) digest_ = NewChecksum(ChecksumAlgorithm::kSha256);
  if (remaining_ > 0) {
    state_ = State::kData;
    return;
  }
  EndChunk();
  if (state_ != State::kFailed) state_ = State::kTrailer;
}

void AwsChunkedDecoder::EndChunk() {
  if (signer_) {
    const std::string expected = signer_->SignChunk(HexEncode(AsBytes(digest_->Finish())));
    if (std::exchange(signature_, {}) != expected) return Fail(S3Code::kSignatureDoesNotMatch);
  }
  state_ = State::kChunkHeader;
}

void AwsChunkedDecoder::OnTrailer(std::string_view line) {
  if (line.empty()) {
    state_ = State::kDone;
    return;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Fail(S3Code::kIncompleteBody);
  const std::string name = ToLowerAscii(line.substr(0, colon));
  const std::string_view value = TrimWhitespace(line.substr(colon + 1));
  if (name == kTrailerSignature) {
    trailer_signature_ = value;
  } else {
    trailers_.Add(name, value);
    canonical_trailer_.append(name).append(":").append(value).append("\n");
  }
}

S3Result<> AwsChunkedDecoder::Finish() {
  if (state_ == State::kFailed) return Refuse(failure_);
  // Some clients leave out the empty line after the trailer, or the line end after the last chunk.
  if (state_ != State::kDone && state_ != State::kTrailer) return Refuse(S3Code::kIncompleteBody);
  if (signer_ && !canonical_trailer_.empty() &&
      signer_->SignTrailer(Sha256Hex(canonical_trailer_)) != trailer_signature_) {
    return Refuse(S3Code::kSignatureDoesNotMatch);
  }
  return {};
}

void AwsChunkedDecoder::Fail(S3Code code) {
  state_ = State::kFailed;
  failure_ = code;
}

}  // namespace cosfuse::emulator
