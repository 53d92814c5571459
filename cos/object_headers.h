#pragma once

#include <optional>
#include <string_view>

#include "base/byte_range.h"
#include "cos/object_store.h"
#include "http/transport.h"

namespace cosfuse {

// What the header of an answer says about an object. Pure.

/// The ETag without quotes; a weak one without its mark as well.
ETag ParseETag(std::string_view value);

/// `Content-Range: bytes 0-99/1234`.
struct ContentRange {
  ByteRange range;
  ByteCount object_size = 0;
  friend bool operator==(const ContentRange&, const ContentRange&) = default;
};
/// Nothing for any other text, also where the size is unknown ("*") or the range not inside it.
std::optional<ContentRange> ParseContentRange(std::string_view value);

/// The value of Content-Length; nothing where there is none or it is not a number.
std::optional<ByteCount> ParseContentLength(const HttpHeaders& headers);

/// The version that HEAD or GET describe. The size is that of the whole object: from Content-Range where there is one,
/// else from Content-Length. Errors: kCorrupt, where size or ETag is missing: not an answer of the store, whatever its
/// status says, but something between, or a failure that began as a success.
Result<ObjectInfo> ParseObjectInfo(const HttpHeaders& headers);

/// The answer's Date; the epoch where it has none.
WallTime ParseAnswerDate(const HttpHeaders& headers);

/// The version that a write made. Errors: kCorrupt (no ETag).
Result<WrittenVersion> ParseWrittenVersion(const HttpHeaders& headers);

}  // namespace cosfuse
