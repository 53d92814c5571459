#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/op_context.h"
#include "cache/cached_file.h"
#include "cache/content_layers.h"
#include "cache/stream_ledger.h"

namespace cosfuse {

/// The upload in parts of a file that is still written: its parts leave as they become full, until an upload that
/// somebody asked for takes it over. Guarded by the mutex of its file, which does the work (layered_file_early.cc).
struct EarlyUpload {
  enum class Phase {
    kIdle,       ///< Not begun in the store: where to is not known yet, or no thread has come to it.
    kBeginning,  ///< A request for that is on its way.
    kOpen,
    kFailed,  ///< Could not be begun.
  };

  EarlyUpload(StreamLedger parts, LayerId written, std::string mark)
      : ledger(std::move(parts)), layer(written), id(std::move(mark)) {}

  StreamLedger ledger;
  const LayerId layer;   ///< That holds the bytes of its parts.
  const std::string id;  ///< Marks the version that it makes.
  Phase phase = Phase::kIdle;
  std::optional<UploadTarget> target;
  std::string upload_id;  ///< The store's.
  size_t queued = 0;      ///< Parts that wait for a thread,
  size_t sending = 0;     ///< and those that are being sent.
  size_t window = 2;      ///< So many of both at a time: more while all goes well, fewer after a failure.
  int failures = 0;       ///< In a row.
  bool sealed = false;    ///< No more parts leave early.
  bool in_attempt = false;
  bool dropped = false;  ///< Nothing of it is wanted any more.
  /// Its completion has been asked for, of this snapshot, with an answer that leaves open whether it was carried out.
  std::optional<LayerId> completed_top;
  const std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
};

}  // namespace cosfuse
