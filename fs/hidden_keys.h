#pragma once

#include <optional>
#include <string_view>

#include "base/byte_range.h"

namespace cosfuse {

/// Why a mount does not show the bytes of an object. It never changes such a key, and neither rmdir of its directory
/// (ENOTEMPTY) nor a rename (which takes it along) loses it.
enum class WhyHidden {
  kEmptyComponent,   ///< `a//b`, `/b`.
  kDotComponent,     ///< `.` or `..` among the components.
  kLongComponent,    ///< A component whose name would have more than 255 bytes.
  kNulByte,          ///< No name has one.
  kDirectoryBytes,   ///< `dir/` with bytes: the directory is shown, they are not.
  kBesideDirectory,  ///< A directory has the name, and `X%file` can be none.
};

/// One word, as `cosfuse doctor` prints it.
std::string_view DescribeWhyHidden(WhyHidden why);

/// What the key alone tells. `key_below`: without the mount's own prefix. Pure, as the next one.
std::optional<WhyHidden> FindWhyHidden(std::string_view key_below, ByteCount size);

/// True for a key that is shown only as long as there is nothing below `key/`: else it is kBesideDirectory.
bool NeedsNameOfItsOwn(std::string_view key_below);

}  // namespace cosfuse
