#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/mount_options.h"

namespace cosfuse {

// The values of options, from text. All pure; nothing where the text is not of the form.

/// "512", "512M", "2GiB": bytes, or K, M, G, T, P in powers of 1024, with or without "B" or "iB". Case does not matter.
std::optional<ByteCount> ParseSize(std::string_view text);
/// "90", "0.5": not negative, below a hundred years, to the nanosecond.
std::optional<Duration> ParseDuration(std::string_view text);
/// Decimal, whole, no sign.
std::optional<uint64_t> ParseNumber(std::string_view text);
/// "022", "644": permission bits up to 0777.
std::optional<mode_t> ParsePermissions(std::string_view text);

/// "BUCKET" or "BUCKET:PREFIX" taken apart; slashes before the prefix go, one at its end is added. The name's syntax is
/// not judged.
struct BucketAndPrefix {
  std::string bucket;
  std::string prefix;
};
BucketAndPrefix SplitBucket(std::string_view text);

/// Whether a bucket of IBM COS can have this name: 3 to 63 characters, lower-case letters, digits, '-' and '.', first
/// and last a letter or digit, no two dots in a row.
/// Source: IBM Cloud Object Storage documentation, "Bucket names".
bool IsBucketName(std::string_view name);

}  // namespace cosfuse
