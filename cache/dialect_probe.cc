#include "cache/dialect_probe.h"

#include <chrono>
#include <span>
#include <utility>

#include "base/encoding.h"
#include "base/log.h"
#include "cos/limits.h"

namespace cosfuse {
namespace {

constexpr ByteCount kLargestFile = 16 * kKiB;

/// No version has this tag: those of stores are hexadecimal.
Conditions FalseCondition() { return {.if_match = {"cosfuse-probe-no-version"}}; }

bool ConditionFailed(const Error& error) {
  return error.code() == ErrorCode::kStale || error.code() == ErrorCode::kAlreadyExists;
}

/// A name in the directory of `key` that nobody else uses.
ObjectKey ProbeKey(const ObjectKey& key, Random& random) {
  constexpr size_t kUniqueBytes = 8;
  const size_t slash = key.rfind('/');
  const std::string directory = slash == std::string::npos ? "" : key.substr(0, slash + 1);
  return directory + ".cosfuse-probe-" + random.Hex(kUniqueBytes);
}

/// One of its own: what is given up must still be cleaned up.
OpContext CleanUpContext() {
  constexpr Duration kPatience = std::chrono::seconds(20);
  return OpContext().WithPatience(kPatience);
}

/// Not an error: the question would be asked again, and leave one more behind each time.
void NoteRemoval(const ObjectKey& key, const std::string& upload_id, const Result<>& removed) {
  if (removed) return;
  Log(LogLevel::kWarning, "what was made to find out about the store cannot be removed",
      {{"key", key}, {"upload", upload_id}, {"error", removed.error().ToString()}});
}

}  // namespace

Result<StoreDialect> DialectProbe::Fetch(const OpContext& context, const ObjectKey& key) {
  if (const auto known = Recall()) return *known;
  StoreDialect dialect;
  ASSIGN_OR_RETURN(dialect.conditions_at_begin, ProbeBegin(context, key));
  // Documented: what counts when an upload begins counts again when it completes.
  if (!dialect.conditions_at_begin) {
    ASSIGN_OR_RETURN(dialect.conditions_at_complete, ProbeComplete(context, key));
  }
  if (!dialect.conditions_at_begin && !dialect.conditions_at_complete) {
    Log(LogLevel::kWarning,
        "the store ignores the conditions of multipart uploads: another writer's change in the instant before a large "
        "file is completed is not seen",
        {{"store", store_name_}});
  }
  Remember(dialect);
  return dialect;
}

std::optional<StoreDialect> DialectProbe::Recall() {
  {
    MutexLock lock(mutex_);
    if (known_) return known_;
  }
  const auto text = disk_.ReadSmallFile(kDialectFile, kLargestFile);
  if (!text) return std::nullopt;
  const auto remembered = ParseStoreDialect(*text, store_name_, clock_.WallNow());
  if (!remembered) return std::nullopt;
  MutexLock lock(mutex_);
  known_ = remembered;
  return remembered;
}

void DialectProbe::Remember(const StoreDialect& dialect) {
  {
    MutexLock lock(mutex_);
    // Whoever is first writes the file, so that replacements never overlap.
    if (known_) return;
    known_ = dialect;
  }
  const auto kept = disk_.ReplaceSmallFile(kDialectFile, FormatStoreDialect(dialect, store_name_, clock_.WallNow()));
  if (!kept) {
    Log(LogLevel::kInfo, "what was found out about the store is not remembered for the next start",
        {{"error", kept.error().ToString()}});
  }
}

Result<bool> DialectProbe::ProbeBegin(const OpContext& context, const ObjectKey& key) {
  const auto upload_id = store_.BeginUpload(context, key, {}, FalseCondition());
  if (upload_id) {
    NoteRemoval(key, *upload_id, store_.AbortUpload(CleanUpContext(), key, *upload_id));
    return false;
  }
  if (ConditionFailed(upload_id.error())) return true;
  return Fail(upload_id.error().WithContext("finding out whether the store honours conditions"));
}

Result<bool> DialectProbe::ProbeComplete(const OpContext& context, const ObjectKey& key) {
  const ObjectKey probe = ProbeKey(key, random_);
  if (probe.size() > kMaxKeyBytes) return false;
  // Nothing is there to delete; the answer tells whether one may.
  if (const auto may_delete = store_.Delete(context, probe); !may_delete) {
    const ErrorCode code = may_delete.error().code();
    if (code == ErrorCode::kAccessDenied || code == ErrorCode::kNotPermitted) return false;
    return Fail(may_delete.error());
  }
  ASSIGN_OR_RETURN(const std::string upload_id, store_.BeginUpload(context, probe, {}, {}));
  auto refused = CompleteFalsely(context, probe, upload_id);
  const bool stored = refused && !*refused;
  NoteRemoval(probe, upload_id,
              stored ? store_.Delete(CleanUpContext(), probe) : store_.AbortUpload(CleanUpContext(), probe, upload_id));
  return refused;
}

Result<bool> DialectProbe::CompleteFalsely(const OpContext& context, const ObjectKey& key,
                                           const std::string& upload_id) {
  SpanBodySource body(AsBytes("x"));
  ASSIGN_OR_RETURN(const UploadedPart part, store_.UploadPart(context, key, upload_id, 1, body));
  const auto version = store_.CompleteUpload(context, key, upload_id, {&part, 1}, FalseCondition());
  if (version) return false;
  // The first try was let through, its answer was lost.
  if (version.error().code() == ErrorCode::kMissingUpload) return false;
  if (ConditionFailed(version.error())) return true;
  return Fail(version.error());
}

}  // namespace cosfuse
