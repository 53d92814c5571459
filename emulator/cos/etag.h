#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "emulator/wire/headers.h"

namespace cosfuse::emulator {

/// What the ETags of bodies are: COS's are the MD5; a client must not rely on that, and it costs a second of one
/// processor for each 0.6 GB.
enum class ETagKind { kMd5, kOpaque };

std::string NewOpaqueETag(Random& random);

/// ETags are kept without quotes, and shown with them.
std::string QuoteETag(std::string_view etag);
std::string UnquoteETag(std::string_view text);

/// Whether a header like `"a", "b"` or `*` names `etag`.
bool ETagListNames(std::string_view list, std::string_view etag);

/// What a request demands of the version that it reads.
struct ReadConditions {
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
  std::optional<WallTime> if_modified_since;
  std::optional<WallTime> if_unmodified_since;
};

/// `prefix` is "" for GET and HEAD, "x-amz-copy-source-" for copies.
ReadConditions ParseReadConditions(const Headers& headers, std::string_view prefix = {});

enum class ReadVerdict { kProceed, kNotModified, kFailed };
/// In the order of RFC 9110, section 13.2.2. Times have the granularity of seconds.
ReadVerdict Judge(const ReadConditions& conditions, std::string_view etag, WallTime last_modified);

/// What a request demands of the version that it replaces.
struct WriteConditions {
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
  std::optional<WallTime> if_unmodified_since = std::nullopt;
};

/// The version that is there when a write is judged.
struct CurrentVersion {
  std::string_view etag;
  WallTime last_modified{};
};

WriteConditions ParseWriteConditions(const Headers& headers);
/// `current` is nothing where the name is free. If-Match on a free name fails. With an If-Match, If-Unmodified-Since
/// does not count (RFC 9110, section 13.2.2).
/// Source: COS S3 API, "Upload an object": each of them answers 412.
bool Hold(const WriteConditions& conditions, const std::optional<CurrentVersion>& current);

}  // namespace cosfuse::emulator
