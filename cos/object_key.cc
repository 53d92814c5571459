#include "cos/object_key.h"

#include "base/encoding.h"
#include "cos/limits.h"

namespace cosfuse {

Result<> CheckObjectKey(const ObjectKey& key) {
  if (key.empty()) return Fail(ErrorCode::kInvalidArgument, "an object's key cannot be empty");
  if (key.size() > kMaxKeyBytes) {
    return Fail(ErrorCode::kNameTooLong, "a key of " + std::to_string(key.size()) + " bytes is longer than 1024");
  }
  return {};
}

std::string EncodeKeyPath(std::string_view key) { return PercentEncode(key, "/"); }

}  // namespace cosfuse
