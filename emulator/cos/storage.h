#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "emulator/cos/object.h"

namespace cosfuse::emulator {

/// A version that is ready to be stored, but not yet. Dropping it undoes the preparation.
class StagedObject {
 public:
  virtual ~StagedObject() = default;
  /// Makes it the object under its key: atomic, quick, at most once. Errors: kUnavailable, kNoSpace.
  virtual Result<> Commit() = 0;
};

/// Where bytes and versions are kept: in memory, or in a directory that survives the process. Thread-safe.
class Storage {
 public:
  virtual ~Storage() = default;

  /// A sink for a body of about `expected` bytes. Errors: kUnavailable, kNoSpace.
  virtual Result<std::unique_ptr<BodySink>> NewSink(ByteCount expected) = 0;
  /// Errors: kUnavailable, kNoSpace.
  virtual Result<std::unique_ptr<StagedObject>> Stage(const std::string& bucket, std::string_view key,
                                                      const Object& object) = 0;
  /// Removes what was committed under the key, if anything. Errors: kUnavailable.
  virtual Result<> Remove(const std::string& bucket, std::string_view key) = 0;
  /// What was committed before this process; ask once for each bucket. Errors: kUnavailable, kCorrupt.
  virtual Result<ObjectMap> Load(const std::string& bucket) = 0;
  /// What is committed stays, although its objects in memory go from now on. Nothing is stored afterwards.
  virtual void Close() = 0;
};

/// Everything in memory, gone with the process.
std::unique_ptr<Storage> NewMemoryStorage();

}  // namespace cosfuse::emulator
