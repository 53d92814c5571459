#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fs/file_system.h"
#include "fs/node.h"

namespace cosfuse {

// Where in the tree the files go that an earlier process has left: pure, without locks or requests.

/// Of one file, the names from the root of the mount down to it, its own one last.
using LeftPath = std::vector<std::string>;

/// For each key its path, in the same order; empty where the file gets no name: another one of that key comes later,
/// the key is outside of `prefix`, or it can be no name. A file whose key is a directory of another one stands beside
/// that (fs/names.h); whether the store has such a directory is not known here.
std::vector<LeftPath> PlanLeftPaths(std::string_view prefix, std::span<const ObjectKey> keys);

/// The state of a file that has been closed and is not stored yet, as it was when it was closed. `base`: what its
/// content stands on.
FileState LeftFileState(const UploadTarget& target, const std::optional<BaseVersion>& base,
                        const AttributeDefaults& defaults);

}  // namespace cosfuse
