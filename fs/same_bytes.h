#pragma once

#include "base/byte_range.h"
#include "base/error.h"
#include "base/op_context.h"
#include "cos/object_store.h"

namespace cosfuse {

struct PinnedObject {
  ObjectKey key;
  ETag etag;
};

/// Whether two objects of this size have the same bytes; reads both, until they differ. False also where one is not
/// that version any more. Blocks on the network. Errors: ObjectStore::Get's.
Result<bool> HaveSameBytes(const OpContext& context, ObjectStore& store, const PinnedObject& left,
                           const PinnedObject& right, ByteCount size);

}  // namespace cosfuse
