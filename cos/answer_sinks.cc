#include "cos/answer_sinks.h"

#include <algorithm>

#include "base/encoding.h"
#include "http/retry.h"

namespace cosfuse {
namespace {

/// An error document has a few hundred bytes; a gateway's page may have more.
constexpr size_t kMaxErrorBody = 64 * kKiB;
/// A page of a listing: 1000 keys of 1024 bytes, each encoded in three, and as much again for all else.
constexpr size_t kMaxDocument = 8 * kMiB;

}  // namespace

Result<> AnswerSink::OnHead(const HttpResponseHead& head) {
  head_ = head;
  error_body_.clear();
  if (success()) return OnSuccess(head);
  return {};
}

Result<> AnswerSink::OnData(std::span<const std::byte> data) {
  if (success()) return OnSuccessData(data);
  const size_t space = kMaxErrorBody - error_body_.size();
  error_body_ += AsText(data.first(std::min(data.size(), space)));
  return {};
}

Result<> DocumentSink::OnSuccess(const HttpResponseHead& /*head*/) {
  body_.clear();
  return {};
}

Result<> DocumentSink::OnSuccessData(std::span<const std::byte> data) {
  if (data.size() > kMaxDocument - body_.size()) return Fail(ErrorCode::kProtocol, "an answer without an end");
  body_ += AsText(data);
  return {};
}

Result<> DownloadSink::OnSuccess(const HttpResponseHead& head) {
  final_error_.reset();
  auto taken = download_.OnAnswer(head.status, head.headers);
  if (!taken && !IsRetryable(taken.error().code())) return End(taken.error());
  return taken;
}

Result<> DownloadSink::OnSuccessData(std::span<const std::byte> data) {
  const Download::Piece piece = download_.Take(data);
  if (!piece.data.empty()) {
    if (auto taken = on_data_(*download_.info(), piece.offset, piece.data); !taken) return End(taken.error());
  }
  // The rest of an answer that holds more than was asked for is not waited for.
  if (download_.complete() && piece.data.empty()) return Fail(ErrorCode::kCancelled, "every wanted byte is here");
  return {};
}

Result<> DownloadSink::End(const Error& error) {
  final_error_ = error;
  return Fail(error);
}

}  // namespace cosfuse
