#include "cache/upload_state.h"

#include <cassert>
#include <utility>

namespace cosfuse {

std::optional<UploadTicket> UploadState::Request(bool same_target) {
  if (!dirty()) return std::nullopt;
  if (frozen_ && *frozen_ >= changed_) {
    if (same_target) return UploadTicket{changed_, begun_};
    OnChange();  // Another name or other metadata is a change like one of the bytes.
  }
  wanted_ = true;
  return UploadTicket{changed_, begun_ + 1};
}

void UploadState::RequestInBackground(bool same_target) {
  if (const auto asked = Request(same_target)) persistent_up_to_ = asked->generation;
}

void UploadState::RequestAgain() {
  if (persistent()) wanted_ = true;
}

bool UploadState::Begin() {
  if (frozen_ || !wanted_ || !dirty()) return false;
  wanted_ = false;
  frozen_ = active_++;
  ++begun_;
  return true;
}

void UploadState::Succeeded() {
  assert(frozen_);
  stored_ = *std::exchange(frozen_, std::nullopt);
  ended_ = begun_;
  last_error_.reset();
  if (dirty()) return;
  wanted_ = false;  // By a retry that found the attempt in progress: what is changed later waits for its own request.
}

void UploadState::Failed(Error error) {
  assert(frozen_);
  frozen_.reset();
  ended_ = begun_;
  last_error_ = std::move(error);
}

std::optional<Result<>> UploadState::Answer(const UploadTicket& ticket) const {
  if (stored_ >= ticket.generation || discarded_) return Result<>();
  if (ended_ >= ticket.attempt && last_error_) return Result<>(std::unexpected(*last_error_));
  return std::nullopt;
}

void UploadState::Discard() {
  discarded_ = true;
  wanted_ = false;
  persistent_up_to_ = 0;
}

}  // namespace cosfuse
