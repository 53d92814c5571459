#pragma once

#include "base/op_context.h"
#include "cos/object_store.h"

namespace cosfuse {

/// The tags of a version (of the current one where `version_id` is empty) that is about to be rewritten, so that the
/// rewrite carries them over. None where the object is
/// gone, and, with a warning in the log, where the role may not read them: bytes are worth more. Other errors are
/// returned. Blocks on the network. Call it with no lock held.
Result<ObjectTags> FetchKeptTags(const OpContext& context, ObjectStore& store, const ObjectKey& key,
                                 const std::string& version_id);

}  // namespace cosfuse
