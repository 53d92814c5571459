#include "emulator/wire/body_reader.h"

#include <microhttpd.h>

#include <algorithm>
#include <cstring>

#include "base/log.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kPacedPiece = 64 * kKiB;
constexpr Duration kShortestSendPause = std::chrono::milliseconds(2);

}  // namespace

ssize_t BodyReader::Read(char* out, size_t limit) {
  const MonotonicTime now = wire_.clock.Now();
  if (const Wait wait = Pause(now); wait != Wait::kNone) {
    return wait == Wait::kParked ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
  }
  if (mishap_.cut_at && sent_ >= *mishap_.cut_at) return MHD_CONTENT_READER_END_WITH_ERROR;
  if (window_.empty()) {
    auto next = cursor_.Next();
    if (!next) {
      Log(LogLevel::kError, "the body of an answer cannot be read", {{"error", next.error().ToString()}});
      return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    window_ = *next;
  }
  if (window_.empty()) {  // More was announced than there is, or nothing was.
    return mishap_.unannounced ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
  }
  size_t n = Reach(std::min(limit, window_.size()));
  if (const Wait wait = Pace(now, n); wait != Wait::kNone) {
    return wait == Wait::kParked ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
  }
  std::memcpy(out, window_.data(), n);
  window_ = window_.subspan(n);
  sent_ += n;
  return static_cast<ssize_t>(n);
}

BodyReader::Wait BodyReader::Pause(MonotonicTime now) {
  if (pauses_over_ == mishap_.pauses.size()) return Wait::kNone;
  const Mishap::Pause& pause = mishap_.pauses[pauses_over_];
  if (sent_ < pause.at) return Wait::kNone;
  if (pause.length == Duration::zero()) {
    if (held_) return Wait::kDropped;
    held_ = true;
    return wire_.parking.Hold(connection_, wire_.epoch) ? Wait::kParked : Wait::kDropped;
  }
  if (!pause_end_) pause_end_ = now + pause.length;
  if (now < *pause_end_) return Park(*pause_end_);
  pause_end_.reset();
  ++pauses_over_;
  return Pause(now);
}

BodyReader::Wait BodyReader::Pace(MonotonicTime now, size_t& n) {
  if (wire_.pacer == nullptr) return Wait::kNone;
  if (booked_ == 0) {
    booked_ = n;
    passed_ = wire_.pacer->Book(now, n, passed_);
  }
  if (passed_ > now + kShortestSendPause) return Park(passed_);
  n = std::min(n, booked_);
  booked_ -= n;
  return Wait::kNone;
}

BodyReader::Wait BodyReader::Park(MonotonicTime until) {
  return wire_.parking.ParkUntil(connection_, until) ? Wait::kParked : Wait::kDropped;
}

size_t BodyReader::Reach(size_t limit) const {
  size_t reach = wire_.pacer == nullptr ? limit : std::min(limit, kPacedPiece);
  if (mishap_.cut_at) reach = std::min<size_t>(reach, *mishap_.cut_at - sent_);
  if (pauses_over_ < mishap_.pauses.size()) {
    reach = std::min<size_t>(reach, mishap_.pauses[pauses_over_].at - sent_);
  }
  return reach;
}

}  // namespace cosfuse::emulator
