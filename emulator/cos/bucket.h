#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "emulator/cos/etag.h"
#include "emulator/cos/list_page.h"
#include "emulator/cos/object.h"
#include "emulator/cos/s3_error.h"
#include "emulator/cos/storage.h"
#include "emulator/cos/upload_table.h"

namespace cosfuse::emulator {

/// The objects of one bucket. Conditions are judged and the change made in one step, so of parallel writers under the
/// same condition exactly one succeeds. Thread-safe; nothing copies bytes under the lock.
class Bucket {
 public:
  /// `storage` must outlive the bucket. `objects` is what it holds already.
  Bucket(std::string name, bool is_public, Storage& storage, ObjectMap objects)
      : name_(std::move(name)), is_public_(is_public), storage_(storage), objects_(std::move(objects)) {}

  const std::string& name() const { return name_; }
  /// Anybody may read it.
  bool is_public() const { return is_public_; }
  UploadTable& uploads() { return uploads_; }

  /// Null where there is no such object.
  ObjectPtr Find(std::string_view key) const EXCLUDES(mutex_);
  /// Errors: kPreconditionFailed, kInternalError (the storage).
  S3Result<> Put(const std::string& key, ObjectPtr object, const WriteConditions& conditions) EXCLUDES(mutex_);
  /// Replaces `expected` by a version with the same bytes. False when another version is there by now.
  S3Result<bool> Replace(const std::string& key, const ObjectPtr& expected, ObjectPtr object) EXCLUDES(mutex_);
  /// Succeeds for a name that is free. Errors: kPreconditionFailed, kInternalError.
  S3Result<> Delete(const std::string& key, const WriteConditions& conditions) EXCLUDES(mutex_);
  ListPage List(const ListQuery& query) const EXCLUDES(mutex_);

 private:
  const std::string name_;
  const bool is_public_;
  Storage& storage_;

  UploadTable uploads_;

  mutable Mutex mutex_;
  ObjectMap objects_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse::emulator
