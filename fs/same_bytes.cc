#include "fs/same_bytes.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "base/encoding.h"

namespace cosfuse {
namespace {

/// In memory at a time, of each of the two.
constexpr ByteCount kComparedPiece = kMiB;

/// Nothing where the object is not that version any more.
Result<std::optional<std::string>> FetchPinned(const OpContext& context, ObjectStore& store, const PinnedObject& object,
                                               ByteRange range) {
  std::string bytes;
  const auto got = store.Get(context, object.key, range, {.if_match = object.etag},
                             [&](const ObjectInfo& /*info*/, ByteCount /*offset*/, std::span<const std::byte> data) {
                               bytes.append(AsText(data));
                               return Result<>();
                             });
  if (got) return bytes;
  const ErrorCode code = got.error().code();
  if (code == ErrorCode::kStale || code == ErrorCode::kNotFound) return std::nullopt;
  return Fail(got.error());
}

}  // namespace

Result<bool> HaveSameBytes(const OpContext& context, ObjectStore& store, const PinnedObject& left,
                           const PinnedObject& right, ByteCount size) {
  for (ByteCount offset = 0; offset < size; offset += kComparedPiece) {
    const ByteRange range{offset, std::min(kComparedPiece, size - offset)};
    ASSIGN_OR_RETURN(const auto left_bytes, FetchPinned(context, store, left, range));
    ASSIGN_OR_RETURN(const auto right_bytes, FetchPinned(context, store, right, range));
    if (!left_bytes || !right_bytes || *left_bytes != *right_bytes) return false;
  }
  return true;
}

}  // namespace cosfuse
