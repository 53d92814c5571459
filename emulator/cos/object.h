#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "emulator/wire/body.h"
#include "emulator/wire/headers.h"

namespace cosfuse::emulator {

/// What travels with an object beside its bytes.
struct ObjectAttributes {
  /// Content-Type and the like, under their lower-case names.
  std::map<std::string, std::string> headers;
  /// User metadata, names without x-amz-meta-.
  std::map<std::string, std::string> metadata;
  std::map<std::string, std::string> tags;
};

/// One version of an object. Immutable once it is in a bucket; readers share it.
struct Object {
  Body body;
  std::string etag;  ///< Without quotes.
  WallTime last_modified{};
  ObjectAttributes attributes;
  /// The checksum that came with it: header name and base64 value. Empty where none came.
  std::pair<std::string, std::string> checksum;
  std::string version_id = "null";  ///< Shown only where the bucket has versions.
  /// "GLACIER" or "ACCELERATED": archived, so the bytes cannot be read. Empty otherwise.
  std::string archive_class;
};

using ObjectPtr = std::shared_ptr<const Object>;
/// By the bytes of the key: the order in which COS lists.
using ObjectMap = std::map<std::string, ObjectPtr, std::less<>>;

}  // namespace cosfuse::emulator
