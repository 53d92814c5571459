#include "cache/uploader.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "cache/conflict_name.h"
#include "cache/kept_tags.h"
#include "cache/part_sender.h"

namespace cosfuse {
namespace {

bool Refused(const Error& error) {
  return error.code() == ErrorCode::kStale || error.code() == ErrorCode::kAlreadyExists;
}

// Passes content on, and remembers whether it could not be had: then a kStale does not come from a condition.
class WatchedContent final : public UploadContent {
 public:
  explicit WatchedContent(UploadContent& content) : content_(content) {}

  ByteCount size() const override { return content_.size(); }
  Result<> Prepare(const OpContext& context, ByteRange range) override {
    auto prepared = content_.Prepare(context, range);
    if (!prepared && prepared.error().code() == ErrorCode::kStale) incomplete_ = true;
    return prepared;
  }
  Result<> Read(ByteCount offset, std::span<std::byte> out) override { return content_.Read(offset, out); }

  bool incomplete() const { return incomplete_; }

 private:
  UploadContent& content_;
  std::atomic<bool> incomplete_ = false;
};

}  // namespace

Conditions ConditionsOfUpload(const UploadTarget& target, const std::optional<BaseVersion>& base) {
  Conditions conditions;
  if (target.mode == WriteMode::kReplaceAny) return conditions;
  if (base && base->key == target.key) {
    conditions.if_match = base->etag;
  } else {
    conditions.create_only = true;
  }
  return conditions;
}

Result<UploadOutcome> Uploader::Run(const OpContext& context, UploadContent& content, const UploadJob& job) {
  using Kind = UploadOutcome::Kind;
  WatchedContent watched(content);
  auto sent = Send(context, watched, job, ConditionsOfUpload(job.target, job.base));
  if (sent) return UploadOutcome{Kind::kStored, *std::move(sent)};
  if (!Refused(sent.error()) || job.target.mode == WriteMode::kReplaceAny) return Fail(sent.error());

  ASSIGN_OR_RETURN(const Seen seen, Look(context, job));
  const BaseVersion current{job.target.key, seen.info.etag, seen.info.size};
  switch (seen.ownership) {
    case Ownership::kThisAttempt: return UploadOutcome{Kind::kStored, current};
    case Ownership::kEarlierAttempt: return UploadOutcome{Kind::kEarlierOwn, current};
    case Ownership::kForeign: break;
  }
  if (watched.incomplete()) {
    return Fail(ErrorCode::kStale, "another program has changed " + job.target.key +
                                       ", and what was changed here cannot be made whole without the version before");
  }
  return StoreSibling(context, content, job);
}

Result<BaseVersion> Uploader::Send(const OpContext& context, UploadContent& content, const UploadJob& job,
                                   const Conditions& conditions) {
  ASSIGN_OR_RETURN(const UploadPlan plan, PlanUpload(content.size(), options_.part_size));
  UploadJob marked = job;
  if (job.target.mode != WriteMode::kReplaceAny) {
    ObjectMetadata& metadata = marked.target.metadata;
    metadata.user[std::string(kUploadIdField)] = job.id;
    if (job.base && metadata.tag_count > 0 && metadata.tags.empty()) {
      ASSIGN_OR_RETURN(metadata.tags, FetchKeptTags(context, store_, job.base->key));
    }
  }
  if (plan.single()) {
    const ByteRange all{0, content.size()};
    RETURN_IF_ERROR(content.Prepare(context, all));
    UploadBody body(content, all);
    ASSIGN_OR_RETURN(auto version, store_.Put(context, job.target.key, body, marked.target.metadata, conditions));
    return BaseVersion{job.target.key, std::move(version.etag), content.size()};
  }
  // An upload that somebody else aborted is begun anew, once: whoever aborts each of ours is not to be argued with.
  auto version = SendInParts(context, content, marked, conditions, plan.parts);
  if (!version && version.error().code() == ErrorCode::kMissingUpload) {
    version = SendInParts(context, content, marked, conditions, plan.parts);
  }
  if (!version) return Fail(version.error());
  return BaseVersion{job.target.key, std::move(version->etag), content.size()};
}

Result<WrittenVersion> Uploader::SendInParts(const OpContext& context, UploadContent& content, const UploadJob& job,
                                             const Conditions& conditions, const std::vector<ByteRange>& parts) {
  bool look_first = false;
  if (job.target.mode != WriteMode::kReplaceAny) {
    ASSIGN_OR_RETURN(const StoreDialect dialect, dialects_.Fetch(context, job.target.key));
    look_first = MustLookBeforeComplete(dialect, conditions);
  }
  ASSIGN_OR_RETURN(const std::string upload_id,
                   store_.BeginUpload(context, job.target.key, job.target.metadata, conditions));
  auto version = SendAndComplete(context, content, job, conditions, parts, upload_id, look_first);
  if (!version) Abort(job.target.key, upload_id);
  return version;
}

Result<WrittenVersion> Uploader::SendAndComplete(const OpContext& context, UploadContent& content, const UploadJob& job,
                                                 const Conditions& conditions, const std::vector<ByteRange>& parts,
                                                 const std::string& upload_id, bool look_first) {
  ASSIGN_OR_RETURN(const auto sent, PartSender::Send(context, store_, content, {job.target.key, upload_id, parts},
                                                     pool_, options_.parallel_parts));
  auto version = Complete(context, job.target.key, conditions, sent, upload_id, look_first);
  const bool gone = !version && version.error().code() == ErrorCode::kMissingUpload;
  if (!gone || job.target.mode == WriteMode::kReplaceAny) return version;
  // It may be missing because it was completed by a request whose answer was lost.
  ASSIGN_OR_RETURN(const Seen seen, Look(context, job));
  if (seen.ownership != Ownership::kThisAttempt) return version;
  return WrittenVersion{seen.info.etag, seen.info.version_id};
}

Result<WrittenVersion> Uploader::Complete(const OpContext& context, const ObjectKey& key, const Conditions& conditions,
                                          const std::vector<UploadedPart>& sent, const std::string& upload_id,
                                          bool look_first) {
  if (look_first) {
    RETURN_IF_ERROR(JudgeLookBeforeComplete(conditions, store_.Head(context, key, {}), options_.write_only));
  }
  return store_.CompleteUpload(context, key, upload_id, sent, conditions);
}

void Uploader::Abort(const ObjectKey& key, const std::string& upload_id) {
  constexpr Duration kPatience = std::chrono::seconds(20);
  const auto aborted = store_.AbortUpload(OpContext().WithPatience(kPatience).WithCancellation(stop_), key, upload_id);
  if (!aborted) {
    Log(LogLevel::kWarning, "cannot abort a multipart upload; its parts are billed until somebody does",
        {{"key", key}, {"upload", upload_id}, {"error", aborted.error().ToString()}});
  }
}

Result<Uploader::Seen> Uploader::Look(const OpContext& context, const UploadJob& job) {
  const auto info = store_.Head(context, job.target.key, {});
  if (!info) {
    const ErrorCode code = info.error().code();
    if (code == ErrorCode::kNotFound || code == ErrorCode::kAccessDenied) return Seen{};
    return Fail(info.error().WithContext("finding out whether an upload has succeeded"));
  }
  const auto found = info->metadata.user.find(std::string(kUploadIdField));
  const std::string id = found == info->metadata.user.end() ? "" : found->second;
  const auto& earlier = job.earlier_ids;
  if (id == job.id) return Seen{Ownership::kThisAttempt, *info};
  if (std::find(earlier.begin(), earlier.end(), id) != earlier.end()) return Seen{Ownership::kEarlierAttempt, *info};
  return Seen{Ownership::kForeign, *info};
}

Result<UploadOutcome> Uploader::StoreSibling(const OpContext& context, UploadContent& content, const UploadJob& job) {
  constexpr int kNames = 100;
  const WallTime now = clock_.WallNow();
  UploadJob sibling = job;
  sibling.base.reset();
  for (int attempt = 0; attempt < kNames; ++attempt) {
    sibling.target.key = ConflictSiblingKey(job.target.key, options_.host_name, now, attempt);
    auto sent = Send(context, content, sibling, {.if_match = {}, .if_none_match = {}, .create_only = true});
    if (sent) return UploadOutcome{UploadOutcome::Kind::kSibling, *std::move(sent)};
    if (sent.error().code() != ErrorCode::kAlreadyExists) return Fail(sent.error());
    ASSIGN_OR_RETURN(const Seen seen, Look(context, sibling));
    if (seen.ownership == Ownership::kThisAttempt) {
      return UploadOutcome{UploadOutcome::Kind::kSibling, {sibling.target.key, seen.info.etag, seen.info.size}};
    }
  }
  return Fail(ErrorCode::kAlreadyExists, "every name for the sibling of " + job.target.key + " is taken");
}

}  // namespace cosfuse
