#pragma once

#include "base/error.h"

namespace cosfuse {

/// The errno that a program sees for an error. The only place that picks one. Pure.
///
/// What is unknown about the store never becomes ENOENT: a program would take a file that cannot be reached for one
/// that does not exist.
int ErrnoFor(ErrorCode code);

}  // namespace cosfuse
