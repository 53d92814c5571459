#include "emulator/wire/body_reader.h"

#include <microhttpd.h>

#include <algorithm>
#include <cstring>

namespace cosfuse::emulator {
namespace {

constexpr size_t kPacedPiece = 64 * kKiB;
constexpr Duration kShortestPark = std::chrono::milliseconds(2);

}  // namespace

ssize_t BodyReader::Read(char* out, size_t limit) {
  const MonotonicTime now = wire_.clock.Now();
  for (const auto step : {&BodyReader::Pause, &BodyReader::Pace}) {
    const Wait wait = (this->*step)(now);
    if (wait == Wait::kParked) return 0;
    if (wait == Wait::kDropped) return MHD_CONTENT_READER_END_WITH_ERROR;
  }
  if (mishap_.cut_at && sent_ >= *mishap_.cut_at) return MHD_CONTENT_READER_END_WITH_ERROR;
  if (piece_ == body_.pieces.size()) {  // More was announced than there is, or nothing was.
    return mishap_.unannounced ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
  }
  const std::span<const std::byte> current = body_.pieces[piece_].subspan(offset_);
  const size_t n = Reach(std::min(limit, current.size()));
  std::memcpy(out, current.data(), n);
  sent_ += n;
  offset_ += n;
  if (n == current.size()) {
    ++piece_;
    offset_ = 0;
  }
  if (wire_.pacer != nullptr) passed_ = wire_.pacer->Book(now, n);
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

BodyReader::Wait BodyReader::Pace(MonotonicTime now) {
  return passed_ > now + kShortestPark ? Park(passed_) : Wait::kNone;
}

BodyReader::Wait BodyReader::Park(MonotonicTime until) {
  return wire_.parking.ParkUntil(connection_, until) ? Wait::kParked : Wait::kDropped;
}

size_t BodyReader::Reach(size_t limit) const {
  size_t reach = std::min(limit, kPacedPiece);
  if (mishap_.cut_at) reach = std::min<size_t>(reach, *mishap_.cut_at - sent_);
  if (pauses_over_ < mishap_.pauses.size()) {
    reach = std::min<size_t>(reach, mishap_.pauses[pauses_over_].at - sent_);
  }
  return reach;
}

}  // namespace cosfuse::emulator
