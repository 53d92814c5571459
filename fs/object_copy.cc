#include "fs/object_copy.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "cache/kept_tags.h"
#include "cache/uploader.h"
#include "cos/limits.h"
#include "fs/parallel.h"

namespace cosfuse {
namespace {

constexpr size_t kParallelParts = 8;
constexpr size_t kIdBytes = 16;
constexpr auto kAbortTime = std::chrono::seconds(20);

/// Runs with a context of its own: what was cancelled must still be cleaned up.
void Abort(ObjectStore& store, Clock& clock, const ObjectKey& key, const std::string& upload_id) {
  const OpContext context = OpContext().WithDeadline(clock.Now() + kAbortTime);
  if (const auto aborted = store.AbortUpload(context, key, upload_id); !aborted) {
    Log(LogLevel::kWarning, "an unfinished copy stays in the bucket",
        {{"key", key}, {"upload", upload_id}, {"error", aborted.error().ToString()}});
  }
}

/// A copy onto itself replaces the version that it was made of, and no other.
Conditions ConditionsOfCopy(const CopySource& source, const ObjectKey& target) {
  Conditions conditions;
  if (source.key == target) conditions.if_match = source.if_match;
  return conditions;
}

/// The error of a completion, unless the object is what it has made: then its answer was lost, and it was sent again.
Result<WrittenVersion> JudgeFailedCompletion(const OpContext& context, ObjectStore& store, const ObjectKey& target,
                                             const std::string& copy_id, const Error& error) {
  const ErrorCode code = error.code();
  if (code != ErrorCode::kMissingUpload && code != ErrorCode::kStale) return Fail(error);
  const auto present = store.Head(context, target, {});
  if (!present && present.error().code() == ErrorCode::kNotFound) return Fail(error);
  if (!present) return Fail(present.error().WithContext("finding out whether a copy has succeeded"));
  const auto id = present->metadata.user.find(std::string(kUploadIdField));
  if (id == present->metadata.user.end() || id->second != copy_id) return Fail(error);
  return WrittenVersion{present->etag, present->version_id};
}

Result<WrittenVersion> CopyParts(const OpContext& context, ObjectStore& store, ThreadPool& pool,
                                 const CopySource& source, ByteCount size, const ObjectKey& target,
                                 const std::string& upload_id, const std::string& copy_id) {
  const std::vector<ByteRange> ranges = PlanCopyParts(size);
  std::vector<UploadedPart> parts(ranges.size());
  RETURN_IF_ERROR(RunInParallel(pool, ranges.size(), kParallelParts, [&](size_t i) -> Result<> {
    auto part = store.UploadPartCopy(context, target, upload_id, static_cast<int>(i) + 1, source, ranges[i]);
    if (!part) return Fail(std::move(part).error());
    parts[i] = *std::move(part);
    return {};
  }));
  auto written = store.CompleteUpload(context, target, upload_id, parts, ConditionsOfCopy(source, target));
  if (written) return written;
  return JudgeFailedCompletion(context, store, target, copy_id, written.error());
}

}  // namespace

std::vector<ByteRange> PlanCopyParts(ByteCount size) {
  const ByteCount least = (size + kMaxParts - 1) / kMaxParts;
  const ByteCount whole_mebibytes = (least + kMiB - 1) / kMiB * kMiB;
  const ByteCount part = std::max(kSingleCopyLimit / 2, whole_mebibytes);
  std::vector<ByteRange> ranges;
  for (ByteCount offset = 0; offset < size; offset += part) {
    ranges.push_back({offset, std::min(part, size - offset)});
  }
  return ranges;
}

Result<WrittenVersion> CopyObject(const OpContext& context, ObjectStore& store, ThreadPool& pool, Clock& clock,
                                  const CopySource& source, ByteCount size, const ObjectKey& target,
                                  const std::optional<ObjectMetadata>& metadata, const std::string& id_prefix) {
  if (size <= kSingleCopyLimit) return store.Copy(context, source, target, metadata);
  // A multipart upload starts without metadata: what the source has must be carried over.
  ObjectMetadata stored;
  if (metadata) {
    stored = *metadata;
  } else {
    ASSIGN_OR_RETURN(const ObjectInfo info, store.Head(context, source.key, {.if_match = source.if_match}));
    stored = info.metadata;
  }
  // Asked for though none may be counted: not every store counts them, and a copy of this size has many requests.
  ASSIGN_OR_RETURN(stored.tags, FetchKeptTags(context, store, source.key, source.version_id));
  std::string& copy_id = stored.user[std::string(kUploadIdField)];
  if (!metadata || copy_id.empty()) copy_id = id_prefix + SystemRandom().Hex(kIdBytes);
  ASSIGN_OR_RETURN(const std::string upload_id,
                   store.BeginUpload(context, target, stored, ConditionsOfCopy(source, target)));
  auto written = CopyParts(context, store, pool, source, size, target, upload_id, copy_id);
  if (!written) Abort(store, clock, target, upload_id);
  return written;
}

}  // namespace cosfuse
