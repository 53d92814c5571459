#pragma once

#include <map>
#include <memory>
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
  const Dialect& dialect;
  Random& random;
  WallTime now;  ///< In whole seconds, the granularity of Last-Modified.
};

}  // namespace cosfuse::emulator
