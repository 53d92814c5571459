#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "cos/object_store.h"

namespace cosfuse {

/// What can never be a key is refused here, before it is sent: an empty one would name the bucket itself.
/// Errors: kInvalidArgument (empty), kNameTooLong (over kMaxKeyBytes).
Result<> CheckObjectKey(const ObjectKey& key);

/// The key as the path of a URL: every byte but the unreserved ones and '/' percent-encoded. Segments `.`, `..` and ""
/// stay as they are; the transport sends paths unchanged.
std::string EncodeKeyPath(std::string_view key);

}  // namespace cosfuse
