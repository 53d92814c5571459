#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_range.h"
#include "base/error.h"
#include "cache/kept_bytes.h"
#include "cache/part_schedule.h"

namespace cosfuse {

/// A part of an upload in parts.
struct PlannedPart {
  enum class Source {
    kSend,         ///< Its bytes go over the wire.
    kCopy,         ///< The store makes it of the same range of the base version.
    kAlreadySent,  ///< It has left while the file was written.
  };
  Source source = Source::kSend;
  int number = 0;
  ByteRange range;
  friend bool operator==(const PlannedPart&, const PlannedPart&) = default;
};

/// A part that has left before the file was closed.
struct EarlyPart {
  int number = 0;
  ByteRange range;
  bool stale = false;  ///< Its bytes were changed since: it has to be sent again.
};

/// What an upload has to bring about.
struct UploadTask {
  ByteCount size = 0;
  /// Only where the store can copy them.
  KeptBytes kept{};
  ByteCount part_size = 20 * kMiB;
  /// Without gaps, each at least of the smallest length. Empty: no upload in parts has been begun.
  std::vector<EarlyPart> early{};
};

/// How a file goes up: in one request, or in parts that make the whole of it.
struct UploadPlan {
  /// In order, without gaps, numbers ascending. Empty: one single request.
  std::vector<PlannedPart> parts;
  bool single() const { return parts.empty(); }
};

/// The first number of early parts that begin at `start`: what is before them needs numbers, too.
int FirstEarlyPartNumber(ByteCount start, const UploadLimits& limits = {});

/// Plans an upload: one request up to the part size, unless bytes of the base that are not at hand are worth being
/// copied by the store; else parts. What changed is sent with no more of its surroundings than a part needs; the rest
/// is copied. All limits hold by construction. Errors: kTooLarge.
Result<UploadPlan> PlanUpload(const UploadTask& task, const UploadLimits& limits = {});

}  // namespace cosfuse
