#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "cos/object_store.h"
#include "cos/operation.h"

namespace cosfuse {

/// Where in an operation a failure happens.
enum class FaultPoint {
  kBefore,  ///< The store never saw the request.
  kAfter,   ///< The store carried it out, the answer was lost.
  kMidway,  ///< Get only: some bytes arrived. Elsewhere the same as kBefore.
  /// The store carried it out, the answer was lost, and the client sent it again: the second answer counts, and there
  /// is no error of this decorator's. Not for Get, which this does not concern.
  kTwice,
  /// The store never saw the request, and the client sent it again: the same, but for that.
  kLater,
};

/// Another store with faults: scripted ones, random ones by seed, and a black hole in which calls hang until they are
/// released, cancelled or out of time. Without any of these it changes nothing. Thread-safe.
class FaultyObjectStore final : public ObjectStore {
 public:
  using Hook = std::function<void(StoreOperation operation, const ObjectKey& key)>;
  static constexpr int kAlways = std::numeric_limits<int>::max();

  FaultyObjectStore(ObjectStore& inner, Clock& clock) : inner_(inner), clock_(clock) {}

  /// The next `count` calls of `operation` fail with `error`. Faults of one operation are used up in order.
  void FailNext(StoreOperation operation, const Error& error, int count = 1, FaultPoint point = FaultPoint::kBefore)
      EXCLUDES(mutex_);
  /// The same, for calls with this key only.
  void FailKey(StoreOperation operation, const ObjectKey& key, const Error& error, int count = 1,
               FaultPoint point = FaultPoint::kBefore) EXCLUDES(mutex_);
  /// Every call fails with this probability, half of the time after it took effect. The same seed and the same order
  /// of calls give the same faults.
  void FailRandomly(double probability, uint64_t seed, const Error& error) EXCLUDES(mutex_);
  /// Bytes that a Get which fails midway has delivered.
  void SetMidwayBytes(ByteCount bytes) EXCLUDES(mutex_);
  /// Forgets all faults; does not end a black hole.
  void ClearFaults() EXCLUDES(mutex_);

  /// From now on calls hang before they reach the store: until Answer, then they go on; until they are cancelled; until
  /// the context's deadline or patience, then kTimedOut.
  void StopAnswering() EXCLUDES(mutex_);
  void Answer() EXCLUDES(mutex_);
  /// Calls that hang now.
  int hanging() const EXCLUDES(mutex_);

  /// Uploads that were begun, but nobody was told their id: no client can abort those.
  size_t lost_uploads() const EXCLUDES(mutex_);

  /// Runs before each call in the caller's thread with no lock held, to delay it or to change something.
  void SetHook(Hook hook) EXCLUDES(mutex_);

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
                                   const VersionMarker& after) override;
  Result<ObjectTags> GetTags(const OpContext& context, const ObjectKey& key, const std::string& version_id) override;
  Result<> SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) override;

 private:
  struct Fault {
    std::optional<ObjectKey> key;  ///< None: any.
    Error error;
    int count;
    FaultPoint point;
  };
  struct RandomFaults {
    RandomFaults(double chance, uint64_t seed, Error with)
        : probability(chance), random(seed), error(std::move(with)) {}
    double probability;
    SeededRandom random;
    Error error;
  };
  /// A fault that has been drawn for one call.
  struct Drawn {
    Error error;
    FaultPoint point;
  };

  /// Runs `action` with the hook, the black hole and the fault that is due.
  template <typename Action>
  std::invoke_result_t<const Action&> Perform(const OpContext& context, StoreOperation operation, const ObjectKey& key,
                                              const Action& action) EXCLUDES(mutex_);
  /// Hook and black hole, then the fault that is due, if any.
  Result<std::optional<Drawn>> Enter(const OpContext& context, StoreOperation operation, const ObjectKey& key)
      EXCLUDES(mutex_);
  Result<> WaitForAnswer(const OpContext& context) EXCLUDES(mutex_);
  std::optional<Drawn> DrawLocked(StoreOperation operation, const ObjectKey& key) REQUIRES(mutex_);

  ObjectStore& inner_;
  Clock& clock_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::map<StoreOperation, std::vector<Fault>> faults_ GUARDED_BY(mutex_);
  std::unique_ptr<RandomFaults> random_faults_ GUARDED_BY(mutex_);
  ByteCount midway_bytes_ GUARDED_BY(mutex_) = 1;
  bool answering_ GUARDED_BY(mutex_) = true;
  int hanging_ GUARDED_BY(mutex_) = 0;
  size_t lost_uploads_ GUARDED_BY(mutex_) = 0;
  std::shared_ptr<Hook> hook_ GUARDED_BY(mutex_);  // Shared, not copied: a hook may keep state.
};

}  // namespace cosfuse
