#pragma once

#include "fs/parts.h"

namespace cosfuse {

/// The last handle of a stored file is gone: its content stays with the node for the next open, as long as others do
/// not push it out; content that no open can want is dropped at once.
void KeepClosedContent(Parts& parts, const FileRef& file);

}  // namespace cosfuse
