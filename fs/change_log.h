#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "fs/directory_listing.h"

namespace cosfuse {

/// What this mount changed in one directory while answers about it were on their way: an answer may be older than the
/// change and must not undo it. Whoever asks the store brackets that with Begin and End, and compares before believing.
/// Remembers only while somebody asks, and a bounded number of names. Not thread-safe.
class ChangeLog {
 public:
  /// A position in the order of changes.
  using Moment = uint64_t;
  static constexpr size_t kMostNames = 4096;

  /// An answer is being fetched; what it shows is at least as new as this moment.
  Moment Begin();
  void End(Moment moment);

  /// A name was made, replaced or (nothing) removed.
  void Record(std::string_view name, std::optional<ListedName> now);

  /// Something changed that nobody can name.
  void RecordUnknown();

  /// True when the name was changed after `since`, or when so much was that nobody knows.
  bool ChangedSince(Moment since, std::string_view name) const;
  /// True when the name is known to have been removed after `since`.
  bool RemovedSince(Moment since, std::string_view name) const;
  /// True when ApplyTo knows every change since then.
  bool KnowsAllSince(Moment since) const { return since >= forgotten_; }
  /// Brings a listing that began at `since` up to date.
  void ApplyTo(Moment since, DirectoryListing& listing) const;

 private:
  struct Change {
    Moment at;
    std::optional<ListedName> now;
  };

  Moment present_ = 0;
  Moment forgotten_ = 0;  ///< Changes up to here are no longer known one by one.
  std::multiset<Moment> fetching_;
  std::map<std::string, Change, std::less<>> changes_;
};

}  // namespace cosfuse
