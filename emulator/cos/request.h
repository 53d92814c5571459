#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "emulator/cos/body_receiver.h"
#include "emulator/cos/bucket.h"
#include "emulator/cos/dialect.h"
#include "emulator/cos/operation.h"
#include "emulator/wire/headers.h"
#include "emulator/wire/target.h"

namespace cosfuse::emulator {

/// All buckets; constant after the start.
using Buckets = std::map<std::string, std::unique_ptr<Bucket>, std::less<>>;

/// A request that is authorised and complete, with all that its operation works on.
struct CosRequest {
  const Target& target;
  const Headers& headers;
  const ReceivedBody& received;
  Bucket& bucket;
  const Buckets& buckets;
  Dialect dialect;
  ETagKind etag;
  Random& random;
  WallTime now;  ///< In whole seconds, the granularity of Last-Modified.

  /// The version that the query names.
  std::optional<std::string> version_id() const {
    const std::string* id = target.query.Find("versionId");
    return id == nullptr ? std::nullopt : std::optional(*id);
  }
};

}  // namespace cosfuse::emulator
