#include "cos/faulty_object_store.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace cosfuse {

void FaultyObjectStore::FailNext(StoreOperation operation, const Error& error, int count, FaultPoint point) {
  MutexLock lock(mutex_);
  faults_[operation].push_back({.key = std::nullopt, .error = error, .count = count, .point = point});
}

void FaultyObjectStore::FailKey(StoreOperation operation, const ObjectKey& key, const Error& error, int count,
                                FaultPoint point) {
  MutexLock lock(mutex_);
  faults_[operation].push_back({.key = key, .error = error, .count = count, .point = point});
}

void FaultyObjectStore::FailRandomly(double probability, uint64_t seed, const Error& error) {
  MutexLock lock(mutex_);
  random_faults_ = std::make_unique<RandomFaults>(probability, seed, error);
}

void FaultyObjectStore::SetMidwayBytes(ByteCount bytes) {
  MutexLock lock(mutex_);
  midway_bytes_ = bytes;
}

void FaultyObjectStore::ClearFaults() {
  MutexLock lock(mutex_);
  faults_.clear();
  random_faults_.reset();
}

void FaultyObjectStore::StopAnswering() {
  MutexLock lock(mutex_);
  answering_ = false;
}

void FaultyObjectStore::Answer() {
  MutexLock lock(mutex_);
  answering_ = true;
  changed_.NotifyAll();
}

int FaultyObjectStore::hanging() const {
  MutexLock lock(mutex_);
  return hanging_;
}

size_t FaultyObjectStore::lost_uploads() const {
  MutexLock lock(mutex_);
  return lost_uploads_;
}

void FaultyObjectStore::SetHook(Hook hook) {
  MutexLock lock(mutex_);
  hook_ = hook ? std::make_shared<Hook>(std::move(hook)) : nullptr;
}

std::optional<FaultyObjectStore::Drawn> FaultyObjectStore::DrawLocked(StoreOperation operation, const ObjectKey& key) {
  std::vector<Fault>& faults = faults_[operation];
  const auto due =
      std::ranges::find_if(faults, [&](const Fault& fault) { return !fault.key.has_value() || *fault.key == key; });
  if (due != faults.end()) {
    Drawn drawn = {due->error, due->point};
    if (due->count != kAlways) due->count -= 1;
    if (due->count == 0) faults.erase(due);
    return drawn;
  }
  if (random_faults_ != nullptr && random_faults_->random.Uniform() < random_faults_->probability) {
    const bool before = random_faults_->random.Uniform() < 0.5;
    return Drawn{random_faults_->error, before ? FaultPoint::kBefore : FaultPoint::kAfter};
  }
  return std::nullopt;
}

Result<> FaultyObjectStore::WaitForAnswer(const OpContext& context) {
  // The clock may be a fake one, which wakes nobody: look at it every few real milliseconds.
  constexpr Duration kLook = std::chrono::milliseconds(5);
  const auto wake = context.OnCancel([this] {
    const MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
  const MonotonicTime limit = std::min(context.deadline(), clock_.Now() + context.patience());
  MutexLock lock(mutex_);
  ++hanging_;
  Result<> result;
  while (!answering_ && !context.cancelled() && clock_.Now() < limit) {
    changed_.WaitUntil(mutex_, SystemClock().Now() + kLook);
  }
  --hanging_;
  if (context.cancelled()) return Fail(ErrorCode::kCancelled, "interrupted");
  if (!answering_) return Fail(ErrorCode::kTimedOut, "the store does not answer");
  return {};
}

Result<std::optional<FaultyObjectStore::Drawn>> FaultyObjectStore::Enter(const OpContext& context,
                                                                         StoreOperation operation,
                                                                         const ObjectKey& key) {
  std::shared_ptr<Hook> hook;
  {
    MutexLock lock(mutex_);
    hook = hook_;
  }
  if (hook) (*hook)(operation, key);
  RETURN_IF_ERROR(context.CheckMayWait(clock_.Now()));
  RETURN_IF_ERROR(WaitForAnswer(context));
  MutexLock lock(mutex_);
  return DrawLocked(operation, key);
}

template <typename Action>
std::invoke_result_t<const Action&> FaultyObjectStore::Perform(const OpContext& context, StoreOperation operation,
                                                               const ObjectKey& key, const Action& action) {
  ASSIGN_OR_RETURN(const std::optional<Drawn> fault, Enter(context, operation, key));
  if (!fault) return action();
  if (fault->point == FaultPoint::kBefore || fault->point == FaultPoint::kMidway) return Fail(fault->error);
  if (fault->point != FaultPoint::kLater) static_cast<void>(action());
  if (fault->point == FaultPoint::kAfter) return Fail(fault->error);
  RETURN_IF_ERROR(context.CheckMayRetry());
  return action();
}

Result<ObjectInfo> FaultyObjectStore::Head(const OpContext& context, const ObjectKey& key,
                                           const Conditions& conditions) {
  return Perform(context, StoreOperation::kHead, key, [&] { return inner_.Head(context, key, conditions); });
}

Result<ObjectInfo> FaultyObjectStore::Get(const OpContext& context, const ObjectKey& key, ByteRange range,
                                          const Conditions& conditions, const DataCallback& on_data) {
  ASSIGN_OR_RETURN(const std::optional<Drawn> fault, Enter(context, StoreOperation::kGet, key));
  if (!fault || fault->point == FaultPoint::kTwice || fault->point == FaultPoint::kLater)
    return inner_.Get(context, key, range, conditions, on_data);
  if (fault->point == FaultPoint::kBefore) return Fail(fault->error);
  ByteCount left = std::numeric_limits<ByteCount>::max();
  if (fault->point == FaultPoint::kMidway) {
    MutexLock lock(mutex_);
    left = midway_bytes_;
  }
  const auto cut_short = [&](const ObjectInfo& info, ByteCount offset, std::span<const std::byte> data) -> Result<> {
    const auto length = static_cast<size_t>(std::min<ByteCount>(left, data.size()));
    if (length > 0) RETURN_IF_ERROR(on_data(info, offset, data.first(length)));
    left -= length;
    if (left == 0) return Fail(fault->error);
    return {};
  };
  RETURN_IF_ERROR(inner_.Get(context, key, range, conditions, cut_short));
  return Fail(fault->error);
}

Result<WrittenVersion> FaultyObjectStore::Put(const OpContext& context, const ObjectKey& key, BodySource& body,
                                              const ObjectMetadata& metadata, const Conditions& conditions) {
  return Perform(context, StoreOperation::kPut, key,
                 [&] { return inner_.Put(context, key, body, metadata, conditions); });
}

Result<> FaultyObjectStore::Delete(const OpContext& context, const ObjectKey& key) {
  return Perform(context, StoreOperation::kDelete, key, [&] { return inner_.Delete(context, key); });
}

Result<std::vector<DeleteFailure>> FaultyObjectStore::DeleteMany(const OpContext& context,
                                                                 std::span<const ObjectKey> keys) {
  return Perform(context, StoreOperation::kDeleteMany, {}, [&] { return inner_.DeleteMany(context, keys); });
}

Result<ListPage> FaultyObjectStore::List(const OpContext& context, const ListRequest& request) {
  return Perform(context, StoreOperation::kList, request.prefix, [&] { return inner_.List(context, request); });
}

Result<WrittenVersion> FaultyObjectStore::Copy(const OpContext& context, const CopySource& source,
                                               const ObjectKey& target, const std::optional<ObjectMetadata>& metadata) {
  return Perform(context, StoreOperation::kCopy, target,
                 [&] { return inner_.Copy(context, source, target, metadata); });
}

Result<std::string> FaultyObjectStore::BeginUpload(const OpContext& context, const ObjectKey& key,
                                                   const ObjectMetadata& metadata, const Conditions& conditions) {
  bool begun = false;
  auto answer = Perform(context, StoreOperation::kBeginUpload, key, [&] {
    auto id = inner_.BeginUpload(context, key, metadata, conditions);
    begun = id.has_value();
    return id;
  });
  MutexLock lock(mutex_);
  if (begun && !answer) ++lost_uploads_;
  return answer;
}

Result<UploadedPart> FaultyObjectStore::UploadPart(const OpContext& context, const ObjectKey& key,
                                                   const std::string& upload_id, int number, BodySource& body) {
  return Perform(context, StoreOperation::kUploadPart, key,
                 [&] { return inner_.UploadPart(context, key, upload_id, number, body); });
}

Result<UploadedPart> FaultyObjectStore::UploadPartCopy(const OpContext& context, const ObjectKey& key,
                                                       const std::string& upload_id, int number,
                                                       const CopySource& source, ByteRange range) {
  return Perform(context, StoreOperation::kUploadPartCopy, key,
                 [&] { return inner_.UploadPartCopy(context, key, upload_id, number, source, range); });
}

Result<WrittenVersion> FaultyObjectStore::CompleteUpload(const OpContext& context, const ObjectKey& key,
                                                         const std::string& upload_id,
                                                         std::span<const UploadedPart> parts,
                                                         const Conditions& conditions) {
  return Perform(context, StoreOperation::kCompleteUpload, key,
                 [&] { return inner_.CompleteUpload(context, key, upload_id, parts, conditions); });
}

Result<> FaultyObjectStore::AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) {
  return Perform(context, StoreOperation::kAbortUpload, key,
                 [&] { return inner_.AbortUpload(context, key, upload_id); });
}

Result<PartPage> FaultyObjectStore::ListParts(const OpContext& context, const ObjectKey& key,
                                              const std::string& upload_id, int after) {
  return Perform(context, StoreOperation::kListParts, key,
                 [&] { return inner_.ListParts(context, key, upload_id, after); });
}

Result<UploadPage> FaultyObjectStore::ListUploads(const OpContext& context, const std::string& prefix,
                                                  const UploadMarker& after) {
  return Perform(context, StoreOperation::kListUploads, prefix,
                 [&] { return inner_.ListUploads(context, prefix, after); });
}

Result<VersionPage> FaultyObjectStore::ListVersions(const OpContext& context, const std::string& prefix,
                                                    const VersionMarker& after) {
  return Perform(context, StoreOperation::kListVersions, prefix,
                 [&] { return inner_.ListVersions(context, prefix, after); });
}

Result<ObjectTags> FaultyObjectStore::GetTags(const OpContext& context, const ObjectKey& key,
                                              const std::string& version_id) {
  return Perform(context, StoreOperation::kGetTags, key, [&] { return inner_.GetTags(context, key, version_id); });
}

Result<> FaultyObjectStore::SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) {
  return Perform(context, StoreOperation::kSetTags, key, [&] { return inner_.SetTags(context, key, tags); });
}

}  // namespace cosfuse
