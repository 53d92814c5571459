#pragma once

#include <string>

#include "app/mount_options.h"
#include "base/error.h"

namespace cosfuse {

/// What was being done before the mount appears, in this order.
enum class StartStage {
  kMountpoint,      ///< Looking at the mountpoint and /dev/fuse.
  kCacheDirectory,  ///< Taking the local directory.
  kTransport,       ///< Setting TLS and HTTP up.
  kIdentity,        ///< Token file, exchange at IAM.
  kRead,            ///< The LIST that shows that the role can read.
  kWrite,           ///< The upload begun and aborted that shows that the role can write.
  kMount,           ///< mount(2) and the first words with the kernel.
};

/// The one line, "CAUSE. REMEDY.", by which `error` at `stage` is told to the user. What the room that failed already
/// explains (mountpoint, identity) passes through; of what COS answers the cause is said in terms of bucket, endpoint,
/// profile and role. Never more than one line, never a secret. Pure.
std::string ExplainStartFailure(StartStage stage, const Error& error, const MountOptions& options);

/// The same for a token that cannot be had, whatever for: IAM's code and the request's id are added for its support.
std::string ExplainIdentityFailure(const Error& error);

/// Who asks: "trusted profile Profile-…" (by name or CRN where that is what the user gave), "the API key in PATH",
/// "anybody".
std::string DescribeIdentity(const IdentityOptions& identity);

/// Host of an endpoint, for a person.
std::string HostOf(const std::string& endpoint);

/// `text` with every line break and control character replaced, and a full stop at its end.
std::string AsOneSentence(std::string_view text);

}  // namespace cosfuse
