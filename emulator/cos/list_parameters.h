#pragma once

#include <string>
#include <string_view>

#include "emulator/cos/list_page.h"
#include "emulator/cos/s3_error.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {

/// How names are written into a listing.
struct ListEncoding {
  bool url = false;
  /// Percent-encodes all but unreserved characters and the slash; a space becomes %20, which every decoder takes.
  std::string Apply(std::string_view name) const;
};

/// Errors of all: kInvalidArgument.
S3Result<ListEncoding> ParseListEncoding(const Query& query);
/// prefix, delimiter and max-keys (1000 at most); `after` stays empty.
S3Result<ListQuery> ParseListQuery(const Query& query);
/// A number of a listing ("max-parts"), `limit` where it is absent or greater.
S3Result<size_t> ParseLimit(const Query& query, std::string_view name, size_t limit);

/// A continuation token is opaque to clients: it looks like no key.
std::string MakeContinuationToken(std::string_view last);
S3Result<std::string> ParseContinuationToken(std::string_view token);

}  // namespace cosfuse::emulator
