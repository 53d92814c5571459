#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fs/directory_listing.h"

namespace cosfuse {

/// The names of a listing one after the other, each in its own length and some 30 bytes: a listing may have a million
/// of them. Kept in pieces, so that growing copies nothing and what is done with can be given back. Not thread-safe.
class PackedNames {
 public:
  void Append(ListedName name);
  /// `index` is below size() and not below what was given back. In order it costs the least.
  const ListedName& At(size_t index);
  size_t size() const { return pieces_.size() * kNamesInPiece + last_.size(); }
  /// Gives back the memory of the names before `index`, or of most of them.
  void FreeBefore(size_t index);

 private:
  static constexpr size_t kNamesInPiece = 32;

  std::vector<std::string> pieces_;  ///< Full ones, packed.
  std::vector<ListedName> last_;     ///< What comes behind them.
  size_t freed_ = 0;                 ///< Pieces that were given back.
  size_t unpacked_piece_ = SIZE_MAX;
  std::vector<ListedName> unpacked_;
};

}  // namespace cosfuse
