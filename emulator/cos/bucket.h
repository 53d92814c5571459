#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "emulator/cos/etag.h"
#include "emulator/cos/list_page.h"
#include "emulator/cos/object.h"
#include "emulator/cos/s3_error.h"
#include "emulator/cos/storage.h"
#include "emulator/cos/upload_table.h"
#include "emulator/cos/version_page.h"
#include "emulator/cos/versioned_objects.h"

namespace cosfuse::emulator {

/// What the owner of a bucket has forbidden.
struct BucketRules {
  /// An object may be neither overwritten nor deleted for so long after its last change, and each upload has to carry a
  /// checksum (an immutable bucket).
  std::optional<Duration> retention;
  /// Bytes that all versions together may have (a hard quota).
  std::optional<ByteCount> quota;
};

/// What a DELETE did, as its answer tells it.
struct DeleteOutcome {
  std::string version_id;  ///< Of the version that was removed or the marker that was left; empty without versions.
  bool marker = false;     ///< That version is a delete marker.
};

/// The objects of one bucket. Conditions are judged and the change made in one step, so of parallel writers under the
/// same condition exactly one succeeds. Thread-safe; nothing copies bytes under the lock.
///
/// A restart keeps the current objects alone: other versions live in memory.
class Bucket {
 public:
  /// `storage` must outlive the bucket. `objects` is what it holds already.
  Bucket(std::string name, bool is_public, Storage& storage, ObjectMap objects)
      : name_(std::move(name)), is_public_(is_public), storage_(storage), objects_(std::move(objects)) {}

  const std::string& name() const { return name_; }
  /// Anybody may read it.
  bool is_public() const { return is_public_; }
  UploadTable& uploads() { return uploads_; }

  Versioning versioning() const EXCLUDES(mutex_);
  void SetVersioning(Versioning versioning) EXCLUDES(mutex_);
  BucketRules rules() const EXCLUDES(mutex_);
  void SetRules(const BucketRules& rules) EXCLUDES(mutex_);

  /// Null where there is no such object.
  ObjectPtr Find(std::string_view key) const EXCLUDES(mutex_);
  /// The version, or the current one. Errors: kNoSuchKey, also where the latest is a delete marker; kNoSuchVersion;
  /// kMethodNotAllowed (the version is a delete marker).
  S3Result<ObjectPtr> Read(std::string_view key, const std::optional<std::string>& version_id) const EXCLUDES(mutex_);
  /// `object->version_id` is the id that it gets where the bucket has versions. Returns the id to show, empty where it
  /// has none. Errors: kPreconditionFailed, kAccessDenied (retention), kQuotaExceeded, kInternalError (the storage).
  S3Result<std::string> Put(const std::string& key, std::shared_ptr<Object> object, const WriteConditions& conditions)
      EXCLUDES(mutex_);
  /// Replaces `expected` by a version with the same bytes. False when another version is there by now.
  S3Result<bool> Replace(const std::string& key, const ObjectPtr& expected, ObjectPtr object) EXCLUDES(mutex_);
  /// Succeeds for a name that is free. `marker` is what stays where the bucket has versions; its time is the time now.
  /// Errors: kPreconditionFailed, kAccessDenied (retention), kInternalError.
  S3Result<DeleteOutcome> Delete(const std::string& key, const WriteConditions& conditions, Version marker)
      EXCLUDES(mutex_);
  /// Removes one version for good; succeeds where there is none. Errors: kAccessDenied (retention), kInternalError.
  S3Result<DeleteOutcome> DeleteVersion(const std::string& key, const std::string& version_id, WallTime now)
      EXCLUDES(mutex_);
  ListPage List(const ListQuery& query) const EXCLUDES(mutex_);
  VersionPage ListVersions(const VersionQuery& query) const EXCLUDES(mutex_);

 private:
  bool IsRetainedLocked(const ObjectPtr& object, WallTime now) const REQUIRES(mutex_);
  S3Result<> CheckWriteLocked(const ObjectPtr& current, const WriteConditions& conditions, WallTime now) const
      REQUIRES(mutex_);
  /// Brings the storage's idea of the key in line with the current object.
  S3Result<> StoreCurrentLocked(const std::string& key) REQUIRES(mutex_);

  const std::string name_;
  const bool is_public_;
  Storage& storage_;

  UploadTable uploads_;

  mutable Mutex mutex_;
  VersionedObjects objects_ GUARDED_BY(mutex_);
  BucketRules rules_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse::emulator
