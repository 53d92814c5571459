#include "emulator/cos/bucket.h"

#include <utility>

namespace cosfuse::emulator {
namespace {

std::unexpected<S3Error> StorageFailed(const Error& error) {
  return Refuse(S3Code::kInternalError, "storage: " + error.message());
}

}  // namespace

Versioning Bucket::versioning() const {
  MutexLock lock(mutex_);
  return objects_.versioning();
}

void Bucket::SetVersioning(Versioning versioning) {
  MutexLock lock(mutex_);
  objects_.SetVersioning(versioning);
}

BucketRules Bucket::rules() const {
  MutexLock lock(mutex_);
  return rules_;
}

void Bucket::SetRules(const BucketRules& rules) {
  MutexLock lock(mutex_);
  rules_ = rules;
}

ObjectPtr Bucket::Find(std::string_view key) const {
  MutexLock lock(mutex_);
  return objects_.Find(key);
}

S3Result<ObjectPtr> Bucket::Read(std::string_view key, const std::optional<std::string>& version_id) const {
  MutexLock lock(mutex_);
  const auto version = objects_.FindVersion(key, version_id);
  if (!version) return Refuse(version_id ? S3Code::kNoSuchVersion : S3Code::kNoSuchKey);
  if (!version->is_marker()) return version->object;
  S3Error error{version_id ? S3Code::kMethodNotAllowed : S3Code::kNoSuchKey, ""};
  error.headers = {{"x-amz-delete-marker", "true"}, {"x-amz-version-id", version->id}};
  return std::unexpected(std::move(error));
}

bool Bucket::IsRetainedLocked(const ObjectPtr& object, WallTime now) const {
  return rules_.retention && object != nullptr && now < object->last_modified + *rules_.retention;
}

S3Result<> Bucket::CheckWriteLocked(const ObjectPtr& current, const WriteConditions& conditions, WallTime now) const {
  std::optional<CurrentVersion> version;
  if (current != nullptr) version = CurrentVersion{current->etag, current->last_modified};
  if (!Hold(conditions, version)) return Refuse(S3Code::kPreconditionFailed);
  if (IsRetainedLocked(current, now)) return Refuse(S3Code::kAccessDenied, "The object is under retention.");
  return {};
}

S3Result<std::string> Bucket::Put(const std::string& key, std::shared_ptr<Object> object,
                                  const WriteConditions& conditions) {
  const auto staged = storage_.Stage(name_, key, *object);
  if (!staged) return StorageFailed(staged.error());
  std::vector<Version> dropped;  // The last owners of many bytes, maybe: they go after the lock.
  MutexLock lock(mutex_);
  const ObjectPtr current = objects_.Find(key);
  RETURN_IF_ERROR(CheckWriteLocked(current, conditions, object->last_modified));
  if (rules_.quota) {
    const bool replaces = current != nullptr && objects_.versioning() == Versioning::kOff;
    const ByteCount kept = objects_.bytes() - (replaces ? current->body.size() : 0);
    if (kept + object->body.size() > *rules_.quota) return Refuse(S3Code::kQuotaExceeded);
  }
  const auto committed = (*staged)->Commit();
  if (!committed) return StorageFailed(committed.error());
  object->version_id = objects_.NewId(object->version_id);
  std::string shown = objects_.versioning() == Versioning::kOff ? std::string() : object->version_id;
  dropped = objects_.Put(key, std::move(object));
  return shown;
}

S3Result<bool> Bucket::Replace(const std::string& key, const ObjectPtr& expected, ObjectPtr object) {
  const auto staged = storage_.Stage(name_, key, *object);
  if (!staged) return StorageFailed(staged.error());
  MutexLock lock(mutex_);
  if (objects_.Find(key) != expected) return false;
  const auto committed = (*staged)->Commit();
  if (!committed) return StorageFailed(committed.error());
  objects_.Replace(key, std::move(object));
  return true;
}

S3Result<DeleteOutcome> Bucket::Delete(const std::string& key, const WriteConditions& conditions, Version marker) {
  std::vector<Version> dropped;  // Outlives the lock.
  MutexLock lock(mutex_);
  const ObjectPtr current = objects_.Find(key);
  RETURN_IF_ERROR(CheckWriteLocked(current, conditions, marker.last_modified));
  marker.id = objects_.NewId(marker.id);
  DeleteOutcome outcome;
  if (objects_.versioning() != Versioning::kOff) outcome = {marker.id, true};
  dropped = objects_.Remove(key, std::move(marker));
  if (current != nullptr) RETURN_IF_ERROR(StoreCurrentLocked(key));
  return outcome;
}

S3Result<DeleteOutcome> Bucket::DeleteVersion(const std::string& key, const std::string& version_id, WallTime now) {
  std::vector<Version> dropped;  // Outlives the lock.
  MutexLock lock(mutex_);
  const auto version = objects_.FindVersion(key, version_id);
  if (!version) return DeleteOutcome{version_id, false};
  if (IsRetainedLocked(version->object, now)) return Refuse(S3Code::kAccessDenied, "The version is under retention.");
  const ObjectPtr before = objects_.Find(key);
  dropped = objects_.RemoveVersion(key, version_id);
  if (objects_.Find(key) != before) RETURN_IF_ERROR(StoreCurrentLocked(key));
  return DeleteOutcome{version_id, version->is_marker()};
}

S3Result<> Bucket::StoreCurrentLocked(const std::string& key) {
  const ObjectPtr current = objects_.Find(key);
  if (current == nullptr) {
    const auto removed = storage_.Remove(name_, key);
    return removed ? S3Result<>() : StorageFailed(removed.error());
  }
  const auto staged = storage_.Stage(name_, key, *current);
  if (!staged) return StorageFailed(staged.error());
  const auto committed = (*staged)->Commit();
  return committed ? S3Result<>() : StorageFailed(committed.error());
}

ListPage Bucket::List(const ListQuery& query) const {
  MutexLock lock(mutex_);
  return MakeListPage(objects_.current(), query);
}

VersionPage Bucket::ListVersions(const VersionQuery& query) const {
  MutexLock lock(mutex_);
  return MakeVersionPage(objects_, query);
}

}  // namespace cosfuse::emulator
