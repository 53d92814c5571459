#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"

namespace cosfuse {

/// Counts the moments at which a file's content was frozen. All changes between two freezes are of one generation.
using Generation = uint64_t;

/// What a caller waits for: a generation in the store, or the failure of the first attempt that was to bring it there.
struct UploadTicket {
  Generation generation = 0;
  uint64_t attempt = 0;
};

/// Where the upload of one file stands. A pure state machine: no threads, no clock, no locks.
///
/// Changes belong to the active generation. An attempt freezes it and sends everything up to it, or up to one that was
/// sealed before, where nobody asks for more; at most one attempt is in progress. A failed attempt leaves all of that
/// dirty, and the next one sends it again. Each ticket is answered once and for itself: stored, or the error of an
/// attempt that covered it, so that a failure reaches every waiter, and none of those who come later and are served by
/// a new attempt.
class UploadState {
 public:
  /// The active generation has a change that is not in the store.
  void OnChange() { changed_ = active_; }

  /// Something is not in the store, or is on its way.
  bool dirty() const { return changed_ > stored_ && !discarded_; }
  bool in_progress() const { return frozen_.has_value(); }
  /// In progress, or about to begin.
  bool pending() const { return in_progress() || (wanted_ && dirty()); }
  bool discarded() const { return discarded_; }
  bool IsStored(Generation generation) const { return stored_ >= generation || discarded_; }
  bool ChangedSince(Generation generation) const { return changed_ > generation; }
  /// Nothing has changed since the attempt in progress began.
  bool attempt_covers_all() const { return frozen_ && changed_ <= *frozen_; }
  /// Attempts that have begun so far.
  uint64_t begun() const { return begun_; }

  /// Asks for all that is dirty now to be stored. `same_target` says whether an attempt in progress stores it where the
  /// caller wants it: if not, a new one follows. Nothing when nothing is dirty.
  std::optional<UploadTicket> Request(bool same_target);
  /// The same for nobody who waits: an attempt that fails is made again until one succeeds.
  void RequestInBackground(bool same_target);
  /// Ends the active generation and says what is dirty up to here: whoever asks for that gets no later change.
  Generation Seal();
  /// RequestInBackground for what was dirty when that generation was sealed.
  void RequestSealed(Generation sealed);
  /// True if another attempt, given the chance, would be made for RequestInBackground.
  bool persistent() const { return persistent_up_to_ > stored_; }
  /// Asks for another attempt after one that failed, for RequestInBackground. Nothing where an attempt has succeeded
  /// since: what was changed after the request waits for its own.
  void RequestAgain();

  /// Begins the attempt that is asked for, if one is and none is in progress, and says which generation it sends: the
  /// active one, which is frozen; or `sealed`, the one that can be sent as it was, where nothing later is asked for.
  std::optional<Generation> Begin(std::optional<Generation> sealed = std::nullopt);
  void Succeeded();
  void Failed(Error error);

  /// What has become of a ticket; nothing while it waits.
  std::optional<Result<>> Answer(const UploadTicket& ticket) const;
  /// The error of the last attempt, if that failed and nothing was stored since.
  const std::optional<Error>& last_error() const { return last_error_; }

  /// Nothing is wanted in the store any more: nothing is dirty, all tickets are answered as stored, and no attempt
  /// begins. One that is in progress ends as it does.
  void Discard();

 private:
  Generation active_ = 1;
  Generation changed_ = 0;            // The last generation with a change.
  Generation stored_ = 0;             // Everything up to it is in the store.
  std::optional<Generation> frozen_;  // Of the attempt in progress.
  uint64_t begun_ = 0;                // Attempts begun and ended.
  uint64_t ended_ = 0;
  bool wanted_ = false;              // Another attempt is asked for,
  Generation wanted_up_to_ = 0;      // by somebody who wants all up to this one.
  Generation persistent_up_to_ = 0;  // Asked for by nobody who waits.
  bool discarded_ = false;
  std::optional<Error> last_error_;
};

}  // namespace cosfuse
