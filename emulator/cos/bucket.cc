#include "emulator/cos/bucket.h"

#include <utility>

namespace cosfuse::emulator {
namespace {

std::unexpected<S3Error> StorageFailed(const Error& error) {
  return Refuse(S3Code::kInternalError, "storage: " + error.message());
}

}  // namespace

ObjectPtr Bucket::Find(std::string_view key) const {
  MutexLock lock(mutex_);
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : found->second;
}

S3Result<> Bucket::Put(const std::string& key, ObjectPtr object, const WriteConditions& conditions) {
  const auto staged = storage_.Stage(name_, key, *object);
  if (!staged) return StorageFailed(staged.error());
  MutexLock lock(mutex_);
  const auto found = objects_.find(key);
  std::optional<std::string_view> current;
  if (found != objects_.end()) current = found->second->etag;
  if (!Hold(conditions, current)) return Refuse(S3Code::kPreconditionFailed);
  const auto committed = (*staged)->Commit();
  if (!committed) return StorageFailed(committed.error());
  std::swap(objects_[key],
            object);  // The last owner of many bytes, maybe: it goes after the lock, with the parameters.
  return {};
}

S3Result<bool> Bucket::Replace(const std::string& key, const ObjectPtr& expected, ObjectPtr object) {
  const auto staged = storage_.Stage(name_, key, *object);
  if (!staged) return StorageFailed(staged.error());
  MutexLock lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end() || found->second != expected) return false;
  const auto committed = (*staged)->Commit();
  if (!committed) return StorageFailed(committed.error());
  found->second = std::move(object);
  return true;
}

S3Result<> Bucket::Delete(const std::string& key, const WriteConditions& conditions) {
  ObjectPtr removed;  // Outlives the lock.
  MutexLock lock(mutex_);
  const auto found = objects_.find(key);
  std::optional<std::string_view> current;
  if (found != objects_.end()) current = found->second->etag;
  if (!Hold(conditions, current)) return Refuse(S3Code::kPreconditionFailed);
  if (!current) return {};
  const auto gone = storage_.Remove(name_, key);
  if (!gone) return StorageFailed(gone.error());
  removed = std::move(found->second);
  objects_.erase(found);
  return {};
}

ListPage Bucket::List(const ListQuery& query) const {
  MutexLock lock(mutex_);
  return MakeListPage(objects_, query);
}

}  // namespace cosfuse::emulator
