#include "cos/fake_object_store.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/encoding.h"
#include "cos/body_digest.h"
#include "cos/limits.h"
#include "cos/metadata_fields.h"
#include "cos/object_key.h"

namespace cosfuse {
namespace {

/// What a store keeps of the metadata that it was sent.
ObjectMetadata StoredMetadata(const ObjectMetadata& metadata) {
  ObjectMetadata stored = metadata;
  if (stored.content_type.empty()) stored.content_type = kDefaultContentType;
  stored.tag_count = 0;
  return stored;
}

bool ChangedSince(WallTime last_modified, const Conditions& conditions) {
  if (!conditions.if_match.empty()) return false;
  return conditions.if_unmodified_since && last_modified > *conditions.if_unmodified_since;
}

Error MissingKey(const ObjectKey& key) { return {ErrorCode::kNotFound, key + ": no such object"}; }

}  // namespace

FakeObjectStore::FakeObjectStore(Clock& clock, const Options& options) : clock_(clock), options_(options) {}

Result<ObjectInfo> FakeObjectStore::Head(const OpContext& context, const ObjectKey& key, const Conditions& conditions) {
  RecordedOperation call(StoreOperation::kHead, key);
  call.conditions = conditions;
  return Perform(context, call, [&]() -> Result<ObjectInfo> {
    ASSIGN_OR_RETURN(const Version version, ReadVersion(key, conditions));
    return Describe(version);
  });
}

Result<ObjectInfo> FakeObjectStore::Get(const OpContext& context, const ObjectKey& key, ByteRange range,
                                        const Conditions& conditions, const DataCallback& on_data) {
  RecordedOperation call(StoreOperation::kGet, key);
  call.range = range;
  call.conditions = conditions;
  return Perform(context, call, [&]() -> Result<ObjectInfo> {
    ASSIGN_OR_RETURN(const Version version, ReadVersion(key, conditions));
    if (version.storage_class == "GLACIER" || version.storage_class == "ACCELERATED") {
      return Fail(ErrorCode::kArchived, key + ": archived: restore it first");
    }
    const ByteRange whole = {0, version.content->size()};
    if (range.offset > 0 && range.offset >= whole.end()) {
      return Fail(ErrorCode::kInvalidArgument, key + ": the range starts beyond the end");
    }
    const ByteRange wanted = range.empty() ? whole : whole.Intersect(range);
    ObjectInfo info = Describe(version);
    for (ByteCount offset = wanted.offset; offset < wanted.end(); offset += options_.get_piece) {
      RETURN_IF_ERROR(context.CheckMayWait(clock_.Now()));
      const ByteCount length = std::min(options_.get_piece, wanted.end() - offset);
      RETURN_IF_ERROR(on_data(info, offset, AsBytes(*version.content).subspan(offset, length)));
    }
    return info;
  });
}

Result<WrittenVersion> FakeObjectStore::Put(const OpContext& context, const ObjectKey& key, BodySource& body,
                                            const ObjectMetadata& metadata, const Conditions& conditions) {
  RecordedOperation call(StoreOperation::kPut, key);
  call.conditions = conditions;
  call.bytes = body.size();
  return Perform(context, call, [&]() -> Result<WrittenVersion> {
    RETURN_IF_ERROR(CheckObjectKey(key));
    RETURN_IF_ERROR(CheckMetadata(metadata));
    ASSIGN_OR_RETURN(auto content, ReadWholeBody(body));
    ETag etag = ContentETag(content);
    MutexLock lock(mutex_);
    RETURN_IF_ERROR(CheckWriteLocked(key, conditions));
    return StoreLocked(key, std::make_shared<const std::string>(std::move(content)), std::move(etag), metadata);
  });
}

Result<> FakeObjectStore::Delete(const OpContext& context, const ObjectKey& key) {
  return Perform(context, {StoreOperation::kDelete, key}, [&]() -> Result<> {
    RETURN_IF_ERROR(CheckObjectKey(key));
    MutexLock lock(mutex_);
    objects_.erase(key);
    return {};
  });
}

Result<std::vector<DeleteFailure>> FakeObjectStore::DeleteMany(const OpContext& context,
                                                               std::span<const ObjectKey> keys) {
  RecordedOperation call(StoreOperation::kDeleteMany, {});
  call.keys = keys.size();
  return Perform(context, call, [&]() -> Result<std::vector<DeleteFailure>> {
    if (keys.size() > kMaxKeysPerDelete) {
      return Fail(ErrorCode::kInvalidArgument, "more than 1000 keys in one delete");
    }
    for (const ObjectKey& key : keys) RETURN_IF_ERROR(CheckObjectKey(key));
    MutexLock lock(mutex_);
    for (const ObjectKey& key : keys) objects_.erase(key);
    return std::vector<DeleteFailure>();
  });
}

Result<WrittenVersion> FakeObjectStore::Copy(const OpContext& context, const CopySource& source,
                                             const ObjectKey& target, const std::optional<ObjectMetadata>& metadata) {
  RecordedOperation call(StoreOperation::kCopy, target);
  call.source = source.key;
  return Perform(context, call, [&]() -> Result<WrittenVersion> {
    RETURN_IF_ERROR(CheckObjectKey(target));
    if (metadata) RETURN_IF_ERROR(CheckMetadata(*metadata));
    MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(const Version from, FindSourceLocked(source));
    if (from.content->size() > kMaxCopyBytes) return Fail(ErrorCode::kTooLarge, source.key + ": too large to copy");
    // A multipart object that is copied in one piece becomes a simple one, where nothing else is asked for.
    ObjectMetadata stored = metadata ? *metadata : from.metadata;
    stored.tags = from.metadata.tags;
    return StoreLocked(target, from.content, options_.copies_keep_etags ? from.etag : ContentETag(*from.content),
                       stored);
  });
}

Result<ObjectTags> FakeObjectStore::GetTags(const OpContext& context, const ObjectKey& key,
                                            const std::string& version_id) {
  return Perform(context, {StoreOperation::kGetTags, key}, [&]() -> Result<ObjectTags> {
    ASSIGN_OR_RETURN(const Version version, ReadVersion(key, {.version_id = version_id}));
    return version.metadata.tags;
  });
}

Result<> FakeObjectStore::SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) {
  return Perform(context, {StoreOperation::kSetTags, key}, [&]() -> Result<> {
    RETURN_IF_ERROR(CheckObjectKey(key));
    if (tags.size() > kMaxTags) return Fail(ErrorCode::kInvalidArgument, "too many tags");
    MutexLock lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return Fail(MissingKey(key));
    found->second.metadata.tags = tags;
    if (const auto version = versions_.find({key, found->second.id}); version != versions_.end()) {
      version->second.metadata.tags = tags;
    }
    return {};
  });
}

ETag FakeObjectStore::ContentETag(std::string_view content) {
  const std::array<uint64_t, 2> words = {std::hash<std::string_view>()(content), content.size()};
  return {HexEncode(std::as_bytes(std::span(words)))};
}

WallTime FakeObjectStore::NowInSeconds() const { return std::chrono::floor<std::chrono::seconds>(clock_.WallNow()); }

ObjectInfo FakeObjectStore::Describe(const Version& version) const {
  ObjectInfo info;
  info.size = version.content->size();
  info.etag = version.etag;
  info.last_modified = version.last_modified;
  info.metadata = version.metadata;
  info.metadata.tag_count = static_cast<int>(std::exchange(info.metadata.tags, {}).size());
  info.storage_class = version.storage_class;
  info.version_id = version.id;
  info.answered_at = NowInSeconds();
  return info;
}

Result<> FakeObjectStore::CheckMetadata(const ObjectMetadata& metadata) const {
  ByteCount bytes = 0;
  for (const auto& [name, value] : metadata.user) bytes += name.size() + value.size();
  if (bytes > options_.max_user_metadata) return Fail(ErrorCode::kNoSpace, "too much user metadata");
  if (metadata.tags.size() > kMaxTags) return Fail(ErrorCode::kInvalidArgument, "too many tags");
  return {};
}

const FakeObjectStore::Version* FakeObjectStore::FindVersionLocked(const ObjectKey& key,
                                                                   const std::string& version_id) const {
  if (version_id.empty()) {
    const auto current = objects_.find(key);
    return current == objects_.end() ? nullptr : &current->second;
  }
  const auto version = versions_.find({key, version_id});
  return version == versions_.end() ? nullptr : &version->second;
}

Result<FakeObjectStore::Version> FakeObjectStore::ReadVersion(const ObjectKey& key,
                                                              const Conditions& conditions) const {
  RETURN_IF_ERROR(CheckObjectKey(key));
  MutexLock lock(mutex_);
  const Version* const found = FindVersionLocked(key, conditions.version_id);
  if (!conditions.if_match.empty() && (found == nullptr || found->etag != conditions.if_match)) {
    return Fail(ErrorCode::kStale, key + ": not the version that was asked for");
  }
  if (found == nullptr) return Fail(MissingKey(key));
  if (ChangedSince(found->last_modified, conditions)) return Fail(ErrorCode::kStale, key + ": changed since");
  if (!conditions.if_none_match.empty() && found->etag == conditions.if_none_match) {
    return Fail(ErrorCode::kNotModified, key + ": still the same version");
  }
  return *found;
}

Result<FakeObjectStore::Version> FakeObjectStore::FindSourceLocked(const CopySource& source) const {
  RETURN_IF_ERROR(CheckObjectKey(source.key));
  const Version* const found = FindVersionLocked(source.key, source.version_id);
  if (found == nullptr) return Fail(MissingKey(source.key));
  if (!source.if_match.empty() && found->etag != source.if_match) {
    return Fail(ErrorCode::kStale, source.key + ": the source is another version");
  }
  if (!source.if_none_match.empty() && found->etag == source.if_none_match) {
    return Fail(ErrorCode::kNotModified, source.key + ": the source is still the same version");
  }
  return *found;
}

Result<> FakeObjectStore::CheckWriteLocked(const ObjectKey& key, const Conditions& conditions) const {
  const auto found = objects_.find(key);
  const bool exists = found != objects_.end();
  if (!conditions.if_match.empty() && (!exists || found->second.etag != conditions.if_match)) {
    return Fail(ErrorCode::kStale, key + ": another version is current");
  }
  if (exists && ChangedSince(found->second.last_modified, conditions)) {
    return Fail(ErrorCode::kStale, key + ": changed since");
  }
  if (conditions.create_only && exists) return Fail(ErrorCode::kAlreadyExists, key + ": the object exists");
  return {};
}

WrittenVersion FakeObjectStore::StoreLocked(const ObjectKey& key, std::shared_ptr<const std::string> content, ETag etag,
                                            const ObjectMetadata& metadata) {
  Version version;
  version.content = std::move(content);
  version.etag = etag;
  version.last_modified = NowInSeconds();
  version.metadata = StoredMetadata(metadata);
  if (options_.versioned) {
    constexpr size_t kDigits = 8;  // So that the names sort as the versions do.
    const std::string number = std::to_string(versions_.size() + 1);
    version.id = "version-" + std::string(kDigits - std::min(kDigits, number.size()), '0') + number;
    versions_[{key, version.id}] = version;
  }
  std::string id = version.id;
  objects_[key] = std::move(version);
  return {.etag = std::move(etag), .version_id = std::move(id)};
}

ETag FakeObjectStore::SetObject(const ObjectKey& key, std::string_view content, const ObjectMetadata& metadata) {
  MutexLock lock(mutex_);
  return StoreLocked(key, std::make_shared<const std::string>(content), ContentETag(content), metadata).etag;
}

void FakeObjectStore::RemoveObject(const ObjectKey& key) {
  MutexLock lock(mutex_);
  objects_.erase(key);
}

void FakeObjectStore::SetStorageClass(const ObjectKey& key, std::string storage_class) {
  MutexLock lock(mutex_);
  if (const auto found = objects_.find(key); found != objects_.end()) {
    found->second.storage_class = std::move(storage_class);
  }
}

std::optional<std::string> FakeObjectStore::GetContent(const ObjectKey& key) const {
  MutexLock lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return std::nullopt;
  return *found->second.content;
}

std::optional<ObjectInfo> FakeObjectStore::GetInfo(const ObjectKey& key) const {
  MutexLock lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return std::nullopt;
  return Describe(found->second);
}

std::vector<ObjectKey> FakeObjectStore::Keys() const {
  MutexLock lock(mutex_);
  std::vector<ObjectKey> keys;
  keys.reserve(objects_.size());
  for (const auto& [key, version] : objects_) keys.push_back(key);
  return keys;
}

size_t FakeObjectStore::open_uploads() const {
  MutexLock lock(mutex_);
  return uploads_.size();
}

void FakeObjectStore::SetHooks(Hook before, Hook after) {
  MutexLock lock(mutex_);
  before_ = std::make_shared<Hook>(std::move(before));
  after_ = std::make_shared<Hook>(std::move(after));
}

std::vector<RecordedOperation> FakeObjectStore::operations() const {
  MutexLock lock(mutex_);
  return operations_;
}

size_t FakeObjectStore::Count(StoreOperation operation) const {
  MutexLock lock(mutex_);
  return static_cast<size_t>(std::ranges::count(operations_, operation, &RecordedOperation::operation));
}

size_t FakeObjectStore::count() const {
  MutexLock lock(mutex_);
  return operations_.size();
}

void FakeObjectStore::ForgetOperations() {
  MutexLock lock(mutex_);
  operations_.clear();
}

}  // namespace cosfuse
