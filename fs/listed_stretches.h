#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "fs/freshness.h"

namespace cosfuse {

/// A range of the components below a directory, in binary order: from `from` on, up to but without `end`.
struct Stretch {
  std::string from;                ///< Empty: from the first one.
  std::optional<std::string> end;  ///< Nothing: to the last one.

  friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// Everything that begins with `prefix`, in whatever order a store lists it.
Stretch StretchOfPrefix(std::string_view prefix);
/// A name is shown by a listing that shows both its object and its prefix: `component` and `component/` lie within.
bool Shows(const Stretch& stretch, std::string_view component);

/// Which stretches of a directory a listing has shown, and when that was asked for. Disjoint; bounded: what would be
/// one too many takes the place of the oldest. Not thread-safe.
class ListedStretches {
 public:
  static constexpr size_t kMostStretches = 256;

  /// `stretch` was shown by an answer that was asked for at `at`: older answers in it no longer count.
  void Put(const Stretch& stretch, MonotonicTime at);

  /// When the name was shown: the oldest of all answers that it takes. Nothing: some of it never was.
  Evidence Get(std::string_view component) const;
  /// True where a part of the stretch was shown by an answer that was asked for after `at`.
  bool KnowsNewer(const Stretch& stretch, MonotonicTime at) const;
  size_t size() const { return stretches_.size(); }

 private:
  struct Rest {
    std::optional<std::string> end;
    MonotonicTime at;
  };
  using Stretches = std::map<std::string, Rest, std::less<>>;

  /// Leaves what lies outside.
  void Cut(const Stretch& stretch);
  /// The first one that ends behind `from`.
  Stretches::const_iterator FindFrom(std::string_view from) const;

  Stretches stretches_;  ///< By their beginning.
};

}  // namespace cosfuse
