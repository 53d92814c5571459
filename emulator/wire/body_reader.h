#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/clock.h"
#include "emulator/wire/body.h"
#include "emulator/wire/message.h"
#include "emulator/wire/pacer.h"
#include "emulator/wire/parking.h"

struct MHD_Connection;

namespace cosfuse::emulator {

/// What the sending of an answer goes by. All must outlive it.
struct Wire {
  Pacer* pacer;  ///< Null: as fast as the client takes it.
  Parking& parking;
  const Clock& clock;
  uint64_t epoch;  ///< Parking::epoch from before the answer was made.
};

/// Hands the body of an answer to libmicrohttpd piece by piece: at the pace of the wire, and as far as the answer's
/// mishap lets it. Used by one server thread at a time.
class BodyReader {
 public:
  BodyReader(Body body, Mishap mishap, MHD_Connection* connection, const Wire& wire)
      : mishap_(std::move(mishap)), connection_(connection), wire_(wire), cursor_(std::move(body)) {}

  /// As MHD_ContentReaderCallback: how many bytes were written to `out`; 0 when the connection was parked; or one of
  /// MHD_CONTENT_READER_END_*.
  ssize_t Read(char* out, size_t limit);

 private:
  enum class Wait { kNone, kParked, kDropped };

  /// Waits for the pause that stands before the next byte, if one does.
  Wait Pause(MonotonicTime now);
  /// Waits until the next `n` bytes, or fewer of them, have passed the wire.
  Wait Pace(MonotonicTime now, size_t& n);
  Wait Park(MonotonicTime until);
  /// How many bytes may be handed out at once from here.
  size_t Reach(size_t limit) const;

  const Mishap mishap_;
  MHD_Connection* const connection_;
  const Wire wire_;

  BodyCursor cursor_;
  std::span<const std::byte> window_;  // What is left of the cursor's last bytes.
  ByteCount sent_ = 0;
  size_t booked_ = 0;       // Bytes that have their time on the wire, and are not handed out yet;
  MonotonicTime passed_{};  // when they have passed.
  size_t pauses_over_ = 0;
  std::optional<MonotonicTime> pause_end_;
  bool held_ = false;
};

}  // namespace cosfuse::emulator
