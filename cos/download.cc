#include "cos/download.h"

#include <algorithm>
#include <string>

namespace cosfuse {
namespace {

constexpr int kOk = 200;
constexpr int kPartialContent = 206;

}  // namespace

std::optional<ByteRange> Download::RangeToAsk() const {
  if (wanted_.empty() && position_ == 0) return std::nullopt;
  const ByteCount end = info_ ? end_ : wanted_.end();
  return ByteRange::FromTo(position_, end);
}

Result<> Download::CheckLength(const HttpHeaders& headers, ByteRange sent) const {
  const auto length = ParseContentLength(headers);
  if (length && *length != sent.length) return Fail(ErrorCode::kCorrupt, "the answer's length is not its range's");
  return {};
}

Result<> Download::OnAnswer(int status, const HttpHeaders& headers) {
  ASSIGN_OR_RETURN(ObjectInfo info, ParseObjectInfo(headers));
  ByteRange sent = {0, info.size};
  if (status == kPartialContent) {
    const auto content_range = ParseContentRange(headers.Get("Content-Range").value_or(""));
    if (!content_range) return Fail(ErrorCode::kCorrupt, "a partial answer without its range");
    sent = content_range->range;
  } else if (status != kOk) {
    return Fail(ErrorCode::kProtocol, "a GET was answered with HTTP " + std::to_string(status));
  }
  RETURN_IF_ERROR(CheckLength(headers, sent));
  if (info_ && (info.etag != info_->etag || info.size != info_->size)) {
    return Fail(ErrorCode::kStale, "the object changed while it was read");
  }
  if (wanted_.offset > 0 && wanted_.offset >= info.size) {
    return Fail(ErrorCode::kInvalidArgument, "the range starts beyond the end of the object");
  }
  if (sent.offset > position_) return Fail(ErrorCode::kCorrupt, "the answer skips bytes that were asked for");
  if (!info_) {
    end_ = wanted_.empty() ? info.size : std::min(wanted_.end(), info.size);
    checksum_ = ObjectChecksum::FromHeaders(headers);
    info_ = std::move(info);
  }
  arriving_ = sent.offset;
  return {};
}

Download::Piece Download::Take(std::span<const std::byte> data) {
  const ByteRange arrived = {arriving_, data.size()};
  arriving_ = arrived.end();
  const ByteRange news = arrived.Intersect(ByteRange::FromTo(position_, end_));
  if (news.empty()) return {};
  const auto piece = data.subspan(static_cast<size_t>(news.offset - arrived.offset), static_cast<size_t>(news.length));
  position_ = news.end();
  if (checksum_) checksum_->Extend(piece);
  return {.offset = news.offset, .data = piece};
}

bool Download::checksum_differs() const {
  const bool whole = wanted_.offset == 0 && info_ && end_ == info_->size;
  return whole && checksum_ && !checksum_->Matches();
}

}  // namespace cosfuse
