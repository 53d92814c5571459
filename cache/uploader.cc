#include "cache/uploader.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "cache/changes_archive.h"
#include "cache/kept_tags.h"
#include "cache/part_sender.h"

namespace cosfuse {
namespace {

constexpr std::string_view kArchiveEnding = ".changes.tar";

/// The version that the store can copy from what the content keeps.
const std::optional<BaseVersion>& KeptVersion(const UploadJob& job) {
  return job.copied_from ? job.copied_from : job.base;
}

bool Refused(const Error& error) {
  return error.code() == ErrorCode::kStale || error.code() == ErrorCode::kAlreadyExists;
}

std::unexpected<Error> FailIncomplete(const ObjectKey& key) {
  return Fail(ErrorCode::kStale, "another program has changed " + key +
                                     ", and what was changed here cannot be made whole without the version before");
}

}  // namespace

// Passes content on, and remembers whether it could not be had: then a kStale does not come from a condition.
class Uploader::WatchedContent final : public UploadContent {
 public:
  explicit WatchedContent(UploadContent& content) : content_(content) {}

  ByteCount size() const override { return content_.size(); }
  Result<> Prepare(const OpContext& context, ByteRange range) override {
    auto prepared = content_.Prepare(context, range);
    if (!prepared && prepared.error().code() == ErrorCode::kStale) incomplete_ = true;
    return prepared;
  }
  KeptBytes kept() const override { return content_.kept(); }
  Result<ContentMap> Locate() const override { return content_.Locate(); }
  void BaseIsVersion(const std::string& version_id) override { content_.BaseIsVersion(version_id); }
  Result<bool> FollowCopied(const OpContext& context, BaseVersion& copied_from) override {
    return content_.FollowCopied(context, copied_from);
  }
  void Done(ByteRange range) override { content_.Done(range); }
  Result<> Read(ByteCount offset, std::span<std::byte> out) override { return content_.Read(offset, out); }

  bool incomplete() const { return incomplete_; }
  void Forget() { incomplete_ = false; }

 private:
  UploadContent& content_;
  std::atomic<bool> incomplete_ = false;
};

namespace {

/// An upload that somebody else aborted is begun anew, once: whoever aborts each of ours is not to be argued with. What
/// the role may not copy is sent. Changes `job` accordingly.
bool MayGoAnotherWay(ErrorCode code, const UploadPlan& plan, UploadJob& job) {
  if (code == ErrorCode::kMissingUpload && !job.begun_anew) {
    job.begun_anew = true;
    if (job.begun) std::exchange(job.begun, nullptr)->used = false;
    return true;
  }
  const bool refused = code == ErrorCode::kAccessDenied || code == ErrorCode::kNotPermitted ||
                       code == ErrorCode::kUnsupported || code == ErrorCode::kArchived;
  const bool copies = std::ranges::any_of(
      plan.parts, [](const PlannedPart& part) { return part.source == PlannedPart::Source::kCopy; });
  if (!refused || !copies) return false;
  job.no_copies = true;
  return true;
}

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
  if (job.archive) return StoreArchive(context, content, job);
  WatchedContent watched(content);
  auto sent = Send(context, watched, job, ConditionsOfUpload(job.target, job.base));
  const auto made_by = [&job] { return job.begun && job.begun->used ? job.begun->id : job.id; };
  if (sent) return UploadOutcome{Kind::kStored, *std::move(sent), made_by()};
  if (job.copied_from && watched.incomplete()) {
    return Fail(ErrorCode::kStale, "the version of " + job.copied_from->key + " that " + job.target.key +
                                       " is a copy of was replaced or removed before it could be copied");
  }
  // What is sent without conditions may still need the bytes of its base.
  if (!Refused(sent.error()) || IsBlind(job.target)) return Fail(sent.error());

  ASSIGN_OR_RETURN(const Seen seen, Look(context, job));
  const BaseVersion current{job.target.key, seen.info.etag, seen.info.size};
  switch (seen.ownership) {
    case Ownership::kThisAttempt: return UploadOutcome{Kind::kStored, current, seen.id};
    case Ownership::kEarlierAttempt: return UploadOutcome{Kind::kEarlierOwn, current, seen.id};
    case Ownership::kForeign: break;
  }
  if (options_.on_conflict == ConflictPolicy::kOverwrite) {
    auto over = StoreOver(context, watched, job, seen);
    if (over || !watched.incomplete()) return over;
  }
  if (options_.on_conflict == ConflictPolicy::kFail) {
    return Fail(ErrorCode::kStale, "another program has changed " + job.target.key);
  }
  return StoreBeside(context, watched, job);
}

bool Uploader::IsBlind(const UploadTarget& target) const {
  return options_.write_only && target.mode == WriteMode::kReplaceAny;
}

UploadTask Uploader::TaskFor(const UploadContent& content, const UploadJob& job) const {
  UploadTask task{.size = content.size(), .part_size = options_.part_size};
  if (job.begun) task.early = job.begun->parts;
  if (KeptVersion(job) && !job.no_copies) task.kept = content.kept();
  return task;
}

Result<ObjectMetadata> Uploader::MarkedMetadata(const OpContext& context, const UploadTarget& target,
                                                const std::optional<BaseVersion>& base, const std::string& id) {
  ObjectMetadata metadata = target.metadata;
  if (IsBlind(target)) return metadata;
  metadata.user[std::string(kUploadIdField)] = id;
  if (base && metadata.tag_count > 0 && metadata.tags.empty()) {
    ASSIGN_OR_RETURN(metadata.tags, FetchKeptTags(context, store_, base->key, base->version_id));
  }
  return metadata;
}

Result<BaseVersion> Uploader::Send(const OpContext& context, UploadContent& content, const UploadJob& job,
                                   const Conditions& conditions) {
  UploadJob attempt = job;
  attempt.no_copies = job.no_copies || options_.write_only;
  for (;;) {
    if (attempt.begun) attempt.begun->used = false;
    ASSIGN_OR_RETURN(const UploadPlan plan, PlanUpload(TaskFor(content, attempt), options_.limits));
    if (plan.single()) {
      ASSIGN_OR_RETURN(const auto metadata, MarkedMetadata(context, job.target, job.base, job.id));
      const ByteRange all{0, content.size()};
      RETURN_IF_ERROR(content.Prepare(context, all));
      UploadBody body(content, all);
      auto version = store_.Put(context, job.target.key, body, metadata, conditions);
      content.Done(all);
      if (!version) return Fail(std::move(version).error());
      return BaseVersion{job.target.key, std::move(version->etag), content.size()};
    }
    auto version = SendInParts(context, content, attempt, conditions, plan);
    if (version) return BaseVersion{job.target.key, std::move(version->etag), content.size()};
    if (version.error().code() == ErrorCode::kUnsupported && attempt.copied_from && !attempt.no_copies) {
      ASSIGN_OR_RETURN(const bool moved, content.FollowCopied(context, *attempt.copied_from));
      if (moved) continue;
    }
    if (!MayGoAnotherWay(version.error().code(), plan, attempt)) return Fail(version.error());
  }
}

Result<WrittenVersion> Uploader::SendInParts(const OpContext& context, UploadContent& content, const UploadJob& job,
                                             const Conditions& conditions, const UploadPlan& plan) {
  bool look_first = false;
  if (job.target.mode != WriteMode::kReplaceAny) {
    ASSIGN_OR_RETURN(const StoreDialect dialect, dialects_.Fetch(context, job.target.key));
    look_first = MustLookBeforeComplete(dialect, conditions);
  }
  if (job.begun) {
    job.begun->used = true;
    return SendAndComplete(context, content, job, conditions, plan, job.begun->upload_id, look_first);
  }
  ASSIGN_OR_RETURN(const auto metadata, MarkedMetadata(context, job.target, job.base, job.id));
  ASSIGN_OR_RETURN(const std::string upload_id, store_.BeginUpload(context, job.target.key, metadata, conditions));
  auto version = SendAndComplete(context, content, job, conditions, plan, upload_id, look_first);
  if (!version) Abort(job.target.key, upload_id);
  return version;
}

Result<WrittenVersion> Uploader::SendAndComplete(const OpContext& context, UploadContent& content, const UploadJob& job,
                                                 const Conditions& conditions, const UploadPlan& plan,
                                                 const std::string& upload_id, bool look_first) {
  PartSender::Upload upload{.key = job.target.key, .id = upload_id, .parts = {}};
  if (const auto& kept = KeptVersion(job)) {
    upload.copy_source = {.key = kept->key, .if_match = kept->etag, .version_id = kept->version_id};
  }
  for (const PlannedPart& part : plan.parts) {
    if (part.source != PlannedPart::Source::kAlreadySent) upload.parts.push_back(part);
  }
  std::vector<UploadedPart> sent;
  if (!upload.parts.empty()) {
    auto brought = PartSender::Send(context, store_, content, std::move(upload), pool_, options_.parallel_parts);
    // That version is gone, which is no conflict about this object: its bytes may be at hand all the same.
    if (!brought && job.copied_from && brought.error().code() == ErrorCode::kStale) {
      return Fail(brought.error().WithCode(ErrorCode::kUnsupported));
    }
    if (!brought) return Fail(std::move(brought).error());
    sent = *std::move(brought);
  }
  if (job.begun) {
    for (const PlannedPart& part : plan.parts) {
      if (part.source == PlannedPart::Source::kAlreadySent) sent.push_back(job.begun->arrived.at(part.number));
    }
    std::ranges::sort(sent, {}, &UploadedPart::number);
  }
  const auto look = [&]() -> Result<> {
    return JudgeLookBeforeComplete(conditions, store_.Head(context, job.target.key, {}), options_.write_only);
  };
  if (look_first) RETURN_IF_ERROR(look());
  if (job.begun) job.begun->completing = true;
  // Between two tries there is time for another program, too.
  const OpContext completing = look_first ? context.WithRetryGuard(look) : context;
  auto version = store_.CompleteUpload(completing, job.target.key, upload_id, sent, conditions);
  const bool gone = !version && version.error().code() == ErrorCode::kMissingUpload;
  if (!gone || IsBlind(job.target)) return version;
  // It may be missing because it was completed by a request whose answer was lost.
  ASSIGN_OR_RETURN(const Seen seen, Look(context, job));
  if (seen.ownership != Ownership::kThisAttempt) return version;
  return WrittenVersion{seen.info.etag, seen.info.version_id};
}

Result<std::string> Uploader::Begin(const OpContext& context, const UploadTarget& target,
                                    const std::optional<BaseVersion>& base, const std::string& id) {
  ASSIGN_OR_RETURN(const auto metadata, MarkedMetadata(context, target, base, id));
  return store_.BeginUpload(context, target.key, metadata, ConditionsOfUpload(target, base));
}

Result<UploadedPart> Uploader::SendPart(const OpContext& context, const BegunUpload& upload, UploadContent& content,
                                        const EarlyPart& part) {
  UploadBody body(content, part.range);
  return store_.UploadPart(context, upload.key, upload.upload_id, part.number, body);
}

bool Uploader::any_left() const {
  MutexLock lock(mutex_);
  return !left_.empty();
}

void Uploader::AbortLeft() {
  std::vector<OpenUpload> left;
  {
    MutexLock lock(mutex_);
    left.swap(left_);
  }
  for (const OpenUpload& upload : left) Abort(upload.key, upload.upload_id);
}

void Uploader::Abort(const ObjectKey& key, const std::string& upload_id) {
  constexpr Duration kPatience = std::chrono::seconds(20);
  constexpr Duration kAtTheEnd = std::chrono::seconds(3);
  const auto at_the_end = [&] { return OpContext().WithDeadline(clock_.Now() + kAtTheEnd); };
  const bool stopping = stopping_;
  const OpContext context = stopping ? at_the_end() : OpContext().WithPatience(kPatience).WithCancellation(stop_);
  auto aborted = store_.AbortUpload(context, key, upload_id);
  // The end came in between: it does not wait long, but it does not leave an upload for nothing either.
  if (!aborted && !stopping && stopping_) aborted = store_.AbortUpload(at_the_end(), key, upload_id);
  if (aborted) return;
  Log(LogLevel::kWarning, "cannot abort a multipart upload; its parts are billed until that is done",
      {{"key", key}, {"upload", upload_id}, {"error", aborted.error().ToString()}});
  MutexLock lock(mutex_);
  if (left_.size() < kMostLeft) left_.push_back({.key = key, .upload_id = upload_id, .begun_at = {}});
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
  const bool by_begun = job.begun && job.begun->used && id == job.begun->id;
  const bool by_this = by_begun ? !job.begun->completed_otherwise : id == job.id;
  if (by_this) return Seen{Ownership::kThisAttempt, *info, id};
  if (by_begun || std::find(earlier.begin(), earlier.end(), id) != earlier.end()) {
    return Seen{Ownership::kEarlierAttempt, *info, id};
  }
  return Seen{Ownership::kForeign, *info, id};
}

Result<std::optional<BaseVersion>> Uploader::FindMadeBy(const OpContext& context, const ObjectKey& key,
                                                        std::span<const std::string> ids) {
  const auto info = store_.Head(context, key, {});
  if (!info) {
    const ErrorCode code = info.error().code();
    if (code == ErrorCode::kNotFound || code == ErrorCode::kAccessDenied) return std::nullopt;
    return Fail(info.error().WithContext("finding out what has become of a version"));
  }
  const auto id = info->metadata.user.find(std::string(kUploadIdField));
  if (id == info->metadata.user.end() || std::ranges::find(ids, id->second) == ids.end()) return std::nullopt;
  return BaseVersion{.key = key, .etag = info->etag, .size = info->size};
}

Result<UploadOutcome> Uploader::StoreOver(const OpContext& context, WatchedContent& content, const UploadJob& job,
                                          Seen seen) {
  constexpr int kMostRounds = 5;
  const auto lost = [&job] { return Fail(ErrorCode::kStale, "other programs keep changing " + job.target.key); };
  UploadJob over = job;
  // Nothing of the version that is replaced becomes part of this one.
  over.no_copies = !over.copied_from;
  over.begun.reset();
  for (int round = 1;; ++round) {
    Conditions conditions;
    if (seen.info.etag.empty()) {
      conditions.create_only = true;
    } else {
      conditions.if_match = seen.info.etag;
    }
    auto sent = Send(context, content, over, conditions);
    if (sent) return UploadOutcome{UploadOutcome::Kind::kStored, *std::move(sent), over.id};
    if (!Refused(sent.error())) return Fail(sent.error());
    if (content.incomplete()) return FailIncomplete(job.target.key);
    if (round == kMostRounds) return lost();
    ASSIGN_OR_RETURN(seen, Look(context, over));
    if (seen.ownership == Ownership::kThisAttempt) {
      return UploadOutcome{UploadOutcome::Kind::kStored, {job.target.key, seen.info.etag, seen.info.size}, over.id};
    }
  }
}

Result<std::optional<std::string>> Uploader::FindVersion(const OpContext& context, const BaseVersion& version) {
  VersionMarker after;
  for (;;) {
    const auto page = store_.ListVersions(context, version.key, after);
    if (!page) {
      const ErrorCode code = page.error().code();
      const bool for_good = code == ErrorCode::kAccessDenied || code == ErrorCode::kUnsupported ||
                            code == ErrorCode::kNotPermitted || code == ErrorCode::kInvalidArgument;
      if (for_good) return std::nullopt;
      return Fail(page.error());
    }
    for (const ObjectVersion& each : page->versions) {
      if (each.key == version.key && each.etag == version.etag) return each.version_id;
    }
    // Keys that go on behind this one come later.
    if (!page->next_after || page->next_after->key != version.key) return std::nullopt;
    after = *page->next_after;
  }
}

Result<std::optional<BaseVersion>> Uploader::FindEarlierSibling(const OpContext& context, const UploadJob& job,
                                                                const ObjectKey& key, std::string_view ending) {
  if (job.earlier_ids.empty()) return std::nullopt;
  // One page: a file that lost more often than that may get a second sibling of the same bytes.
  const ObjectKey prefix = ConflictSiblingPrefix(key, options_.conflict_place, ending);
  const auto page = store_.List(context, {.prefix = prefix, .delimited = false});
  if (!page && page.error().code() == ErrorCode::kAccessDenied) return std::nullopt;
  if (!page) return Fail(page.error().WithContext("finding the sibling that an earlier upload may have made"));
  for (const ListedObject& object : page->objects) {
    if (object.key.ends_with(kArchiveEnding) != (ending == kArchiveEnding)) continue;
    ASSIGN_OR_RETURN(auto own, FindMadeBy(context, object.key, job.earlier_ids));
    if (own) return own;
  }
  return std::nullopt;
}

Result<BaseVersion> Uploader::StoreUnderNewName(const OpContext& context, UploadContent& content, UploadJob job,
                                                std::string_view ending) {
  constexpr int kNames = 100;
  const WallTime now = clock_.WallNow();
  const ObjectKey key = std::exchange(job.target.key, {});
  // Nothing: the name has what is not ours, which is what the store says by `taken`.
  const auto store_as = [&](const ObjectKey& name, const Conditions& conditions,
                            ErrorCode taken) -> Result<std::optional<BaseVersion>> {
    job.target.key = name;
    auto sent = Send(context, content, job, conditions);
    if (sent || sent.error().code() != taken) return sent;
    ASSIGN_OR_RETURN(const Seen seen, Look(context, job));
    if (seen.ownership != Ownership::kThisAttempt) return std::nullopt;
    return BaseVersion{name, seen.info.etag, seen.info.size};
  };
  ASSIGN_OR_RETURN(const auto earlier, FindEarlierSibling(context, job, key, ending));
  if (earlier) {
    ASSIGN_OR_RETURN(const auto stored, store_as(earlier->key, {.if_match = earlier->etag}, ErrorCode::kStale));
    if (stored) return *stored;
  }
  for (int attempt = 0; attempt < kNames; ++attempt) {
    const ObjectKey name = ConflictSiblingKey(key, options_.conflict_place, now, attempt, ending);
    ASSIGN_OR_RETURN(const auto stored, store_as(name, {.create_only = true}, ErrorCode::kAlreadyExists));
    if (stored) return *stored;
  }
  return Fail(ErrorCode::kAlreadyExists, "every name for the sibling of " + key + " is taken");
}

Result<UploadOutcome> Uploader::StoreBeside(const OpContext& context, WatchedContent& content, const UploadJob& job) {
  UploadJob sibling = job;
  sibling.begun.reset();
  const bool needs_base = job.base && !job.copied_from && content.kept().missing > 0;
  const bool needs_tags = job.base && job.target.metadata.tag_count > 0;
  std::optional<std::string> version;
  if (needs_base || needs_tags) {
    ASSIGN_OR_RETURN(version, FindVersion(context, *job.base));
  }
  if (version) {
    sibling.base->version_id = *version;
    if (needs_base) content.BaseIsVersion(*version);
  } else {
    sibling.base.reset();
  }
  content.Forget();
  auto stored = StoreUnderNewName(context, content, sibling, {});
  if (stored) return UploadOutcome{UploadOutcome::Kind::kSibling, *std::move(stored), {}};
  const ErrorCode code = stored.error().code();
  // Of a version: it is gone as well, or may not be read, or lies in an archive.
  const bool unreadable = code == ErrorCode::kNotFound || code == ErrorCode::kStale ||
                          code == ErrorCode::kAccessDenied || code == ErrorCode::kArchived;
  const bool base_is_gone = content.incomplete() || (needs_base && version && unreadable);
  if (!base_is_gone) return Fail(std::move(stored).error());
  return StoreArchive(context, content, job);
}

Result<UploadOutcome> Uploader::StoreArchive(const OpContext& context, UploadContent& content, const UploadJob& job) {
  constexpr int kMostRounds = 5;
  const auto located = content.Locate();
  if (!located) return FailIncomplete(job.target.key);
  const ObjectKey key = job.base ? job.base->key : job.target.key;
  const auto& kept = KeptVersion(job);
  const ChangesManifest manifest{
      .key = key, .base = kept ? kept->etag : ETag(), .size = content.size(), .missing = located->missing};
  ChangesArchive archive(content, manifest, located->data, clock_.WallNow());
  UploadJob stored_as = job;
  stored_as.base.reset();
  stored_as.copied_from.reset();
  stored_as.begun.reset();
  stored_as.target.metadata.content_type = "application/x-tar";
  stored_as.target.metadata.standard.clear();  // An encoding, for one, is the file's.
  std::optional<BaseVersion> replaced = job.archive;
  for (int round = 1; replaced && round <= kMostRounds; ++round) {
    stored_as.target.key = replaced->key;
    auto sent = Send(context, archive, stored_as, {.if_match = replaced->etag});
    if (sent) return UploadOutcome{UploadOutcome::Kind::kArchived, *std::move(sent), {}};
    if (!Refused(sent.error())) return Fail(std::move(sent).error());
    ASSIGN_OR_RETURN(const Seen seen, Look(context, stored_as));
    const BaseVersion current{replaced->key, seen.info.etag, seen.info.size};
    if (seen.ownership == Ownership::kThisAttempt) return UploadOutcome{UploadOutcome::Kind::kArchived, current, {}};
    // Somebody has taken it away, or changed it: that stays.
    replaced = seen.ownership == Ownership::kEarlierAttempt ? std::optional(current) : std::nullopt;
  }
  stored_as.target.key = key;
  ASSIGN_OR_RETURN(auto stored, StoreUnderNewName(context, archive, stored_as, kArchiveEnding));
  return UploadOutcome{UploadOutcome::Kind::kArchived, std::move(stored), {}};
}

}  // namespace cosfuse
