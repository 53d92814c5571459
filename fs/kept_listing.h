#pragma once

#include <cstddef>

#include "fs/parts.h"

namespace cosfuse {

/// A listing of so many names stays with the directory, as long as others do not push it out.
void KeepListing(Parts& parts, const DirectoryRef& directory, size_t names);

}  // namespace cosfuse
