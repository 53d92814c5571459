#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "cos/limits.h"
#include "cos/object_store.h"
#include "cos/operation.h"

namespace cosfuse {

/// One call that a store received, for tests that count or inspect requests.
struct RecordedOperation {
  RecordedOperation(StoreOperation kind, ObjectKey name) : operation(kind), key(std::move(name)) {}

  StoreOperation operation;
  ObjectKey key;     ///< Or the prefix of a listing; empty for DeleteMany.
  ObjectKey source;  ///< Of a copy.
  ByteRange range;   ///< Of Get and UploadPartCopy.
  Conditions conditions;
  int part_number = 0;
  ByteCount bytes = 0;  ///< Length of the body that was sent.
  size_t keys = 0;      ///< Of DeleteMany.
};

/// One bucket in memory that behaves to the letter of ObjectStore: versions, conditions, metadata, the rules of
/// multipart uploads, listings in byte order with paging. ETags are a function of the content, as MD5 is, so a rewrite
/// with equal bytes keeps its ETag; Last-Modified has a granularity of one second of `clock`.
///
/// Thread-safe; each call takes effect at one moment. Owned by the test, which outlives all callers.
class FakeObjectStore final : public ObjectStore {
 public:
  struct Options {
    ByteCount min_part_size = kMinPartBytes;  ///< Of all parts but the last: smaller ones are refused at complete.
    int max_parts = kMaxParts;
    ByteCount max_user_metadata = 2048;  ///< Names and values together: more is kNoSpace.
    ByteCount get_piece = 64 * kKiB;     ///< Bytes that one call of a DataCallback carries at most.
    /// The dialect: whether conditions count at the beginning and at the end of a multipart upload.
    bool conditions_at_begin = true;
    bool conditions_at_complete = true;
    bool copies_keep_etags = false;  ///< Also of objects that were made in parts; else those get another one.
    bool versioned = false;          ///< Every write makes a version with an id, which stays readable by that.
  };
  /// Runs in the calling thread with no lock held.
  using Hook = std::function<void(const RecordedOperation&)>;

  explicit FakeObjectStore(Clock& clock) : FakeObjectStore(clock, Options()) {}
  FakeObjectStore(Clock& clock, const Options& options);

  Result<ObjectInfo> Head(const OpContext& context, const ObjectKey& key, const Conditions& conditions) override;
  Result<ObjectInfo> Get(const OpContext& context, const ObjectKey& key, ByteRange range, const Conditions& conditions,
                         const DataCallback& on_data) override;
  Result<WrittenVersion> Put(const OpContext& context, const ObjectKey& key, BodySource& body,
                             const ObjectMetadata& metadata, const Conditions& conditions) override;
  Result<> Delete(const OpContext& context, const ObjectKey& key) override;
  Result<std::vector<DeleteFailure>> DeleteMany(const OpContext& context, std::span<const ObjectKey> keys) override;
  Result<ListPage> List(const OpContext& context, const ListRequest& request) override;
  Result<WrittenVersion> Copy(const OpContext& context, const CopySource& source, const ObjectKey& target,
                              const std::optional<ObjectMetadata>& metadata) override;
  Result<std::string> BeginUpload(const OpContext& context, const ObjectKey& key, const ObjectMetadata& metadata,
                                  const Conditions& conditions) override;
  Result<UploadedPart> UploadPart(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                  int number, BodySource& body) override;
  Result<UploadedPart> UploadPartCopy(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                      int number, const CopySource& source, ByteRange range) override;
  Result<WrittenVersion> CompleteUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                        std::span<const UploadedPart> parts, const Conditions& conditions) override;
  Result<> AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) override;
  Result<PartPage> ListParts(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                             int after) override;
  Result<UploadPage> ListUploads(const OpContext& context, const std::string& prefix,
                                 const UploadMarker& after) override;
  Result<VersionPage> ListVersions(const OpContext& context, const std::string& prefix,
                                   const VersionMarker& after) override EXCLUDES(mutex_);
  Result<ObjectTags> GetTags(const OpContext& context, const ObjectKey& key, const std::string& version_id) override;
  Result<> SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) override;

  /// What another client of the bucket does and sees: neither recorded nor hooked.
  ETag SetObject(const ObjectKey& key, std::string_view content, const ObjectMetadata& metadata = {});
  void RemoveObject(const ObjectKey& key);
  void SetStorageClass(const ObjectKey& key, std::string storage_class);
  std::optional<std::string> GetContent(const ObjectKey& key) const;
  std::optional<ObjectInfo> GetInfo(const ObjectKey& key) const;
  std::vector<ObjectKey> Keys() const;
  size_t open_uploads() const;

  /// `before` runs when a call has been recorded and has no effect yet, `after` when it has taken effect and the
  /// caller has no answer yet. Both may call the store. Set them while no call is in progress.
  void SetHooks(Hook before, Hook after = {});

  std::vector<RecordedOperation> operations() const;
  size_t Count(StoreOperation operation) const;
  size_t count() const;
  void ForgetOperations();

 private:
  struct Version {
    std::shared_ptr<const std::string> content;
    ETag etag;
    WallTime last_modified;
    ObjectMetadata metadata;
    std::string storage_class;
    std::string id;  ///< Empty in a bucket without versions.
  };
  struct Part {
    std::shared_ptr<const std::string> content;
    ETag etag;
  };
  struct Upload {
    ObjectKey key;
    ObjectMetadata metadata;
    std::map<int, Part> parts;
    WallTime begun_at;
  };

  /// Checks the context, records, and runs the hooks around `action`.
  template <typename Action>
  std::invoke_result_t<const Action&> Perform(const OpContext& context, const RecordedOperation& operation,
                                              const Action& action) EXCLUDES(mutex_);

  /// As long as an MD5 in hex, and like it a function of the bytes.
  static ETag ContentETag(std::string_view content);
  WallTime NowInSeconds() const;
  ObjectInfo Describe(const Version& version) const;
  static UploadedPart Describe(int number, const Part& part);
  Result<> CheckMetadata(const ObjectMetadata& metadata) const;
  Result<Version> ReadVersion(const ObjectKey& key, const Conditions& conditions) const EXCLUDES(mutex_);
  /// The current version of a key, or the one that is asked for; null where there is none.
  const Version* FindVersionLocked(const ObjectKey& key, const std::string& version_id) const REQUIRES(mutex_);
  Result<Version> FindSourceLocked(const CopySource& source) const REQUIRES(mutex_);
  Result<> CheckWriteLocked(const ObjectKey& key, const Conditions& conditions) const REQUIRES(mutex_);
  WrittenVersion StoreLocked(const ObjectKey& key, std::shared_ptr<const std::string> content, ETag etag,
                             const ObjectMetadata& metadata) REQUIRES(mutex_);
  Result<Upload*> FindUploadLocked(const ObjectKey& key, const std::string& upload_id) REQUIRES(mutex_);
  Result<UploadedPart> StorePart(const ObjectKey& key, const std::string& upload_id, int number,
                                 std::shared_ptr<const std::string> content) EXCLUDES(mutex_);
  /// Checks the named parts against the rules and joins them.
  Result<Part> JoinParts(const Upload& upload, std::span<const UploadedPart> parts) const;
  Result<ListPage> ListLocked(const ListRequest& request) const REQUIRES(mutex_);

  Clock& clock_;
  const Options options_;

  mutable Mutex mutex_;
  std::map<ObjectKey, Version> objects_ GUARDED_BY(mutex_);
  std::map<std::pair<ObjectKey, std::string>, Version> versions_ GUARDED_BY(mutex_);  ///< All that have an id.
  std::map<std::string, Upload> uploads_ GUARDED_BY(mutex_);
  int next_upload_ GUARDED_BY(mutex_) = 1;
  std::vector<RecordedOperation> operations_ GUARDED_BY(mutex_);
  std::shared_ptr<Hook> before_ GUARDED_BY(mutex_);
  std::shared_ptr<Hook> after_ GUARDED_BY(mutex_);
};

template <typename Action>
std::invoke_result_t<const Action&> FakeObjectStore::Perform(const OpContext& context,
                                                             const RecordedOperation& operation, const Action& action) {
  RETURN_IF_ERROR(context.CheckMayWait(clock_.Now()));
  std::shared_ptr<Hook> before;  // Shared, not copied: a hook may keep state.
  std::shared_ptr<Hook> after;
  {
    MutexLock lock(mutex_);
    operations_.push_back(operation);
    before = before_;
    after = after_;
  }
  if (before && *before) (*before)(operation);
  auto result = action();
  if (after && *after) (*after)(operation);
  return result;
}

}  // namespace cosfuse
