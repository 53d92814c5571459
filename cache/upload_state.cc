#include "cache/upload_state.h"

#include <algorithm>
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
  wanted_up_to_ = changed_;
  return UploadTicket{changed_, begun_ + 1};
}

void UploadState::RequestInBackground(bool same_target) {
  if (const auto asked = Request(same_target)) persistent_up_to_ = asked->generation;
}

Generation UploadState::Seal() {
  if (changed_ == active_) ++active_;
  return changed_;
}

void UploadState::RequestSealed(Generation sealed) {
  if (discarded_ || sealed <= stored_) return;
  persistent_up_to_ = std::max(persistent_up_to_, sealed);
  if (frozen_ && *frozen_ >= sealed) return;
  wanted_ = true;
  wanted_up_to_ = std::max(wanted_up_to_, sealed);
}

void UploadState::RequestAgain() {
  if (!persistent()) return;
  wanted_ = true;
  wanted_up_to_ = std::max(wanted_up_to_, persistent_up_to_);
}

std::optional<Generation> UploadState::Begin(std::optional<Generation> sealed) {
  if (frozen_ || !wanted_ || !dirty()) return std::nullopt;
  wanted_ = false;
  frozen_ = sealed && wanted_up_to_ <= *sealed && *sealed > stored_ ? *sealed : active_++;
  ++begun_;
  return frozen_;
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
