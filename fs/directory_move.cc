#include "fs/directory_move.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "cos/limits.h"
#include "fs/metadata_codec.h"
#include "fs/object_copy.h"
#include "fs/parallel.h"
#include "fs/resolve.h"
#include "fs/same_bytes.h"

namespace cosfuse {
namespace {

constexpr size_t kParallelCopies = 64;
constexpr size_t kParallelDeletes = 4;
constexpr size_t kParallelLooks = 16;
/// A source that others still write to after so many rounds is left alone.
constexpr int kMostRounds = 10;
constexpr Duration kReportEach = std::chrono::seconds(5);

/// Says in the log, each few seconds, how far a long step of a move has come. Thread-safe.
class MoveProgress {
 public:
  MoveProgress(Clock& clock, std::string_view step, const ObjectKey& from, const ObjectKey& to, size_t total)
      : clock_(clock), step_(step), from_(from), to_(to), total_(total), next_report_(clock.Now() + kReportEach) {}

  void Count(size_t objects) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    done_ += objects;
    const MonotonicTime now = clock_.Now();
    if (now < next_report_) return;
    next_report_ = now + kReportEach;
    Log(LogLevel::kInfo, "a directory is being renamed",
        {{"from", from_},
         {"to", to_},
         {"step", std::string(step_)},
         {"objects", std::to_string(done_)},
         {"of", std::to_string(total_)}});
  }

 private:
  Clock& clock_;
  const std::string_view step_;
  const ObjectKey& from_;
  const ObjectKey& to_;
  const size_t total_;

  Mutex mutex_;
  size_t done_ GUARDED_BY(mutex_) = 0;
  MonotonicTime next_report_ GUARDED_BY(mutex_);
};

}  // namespace

Result<ListedTree> ListTree(const OpContext& context, ObjectStore& store, const ObjectKey& prefix) {
  ListedTree tree;
  ListRequest request;
  request.prefix = prefix;
  request.delimited = false;
  do {
    ASSIGN_OR_RETURN(const ListPage page, store.List(context, request));
    for (const ListedObject& object : page.objects) {
      tree[object.key] = {.etag = object.etag, .size = object.size, .modified = object.last_modified};
    }
    request.continuation_token = page.next_token;
  } while (!request.continuation_token.empty());
  return tree;
}

Result<std::unique_ptr<DirectoryMove>> DirectoryMove::Begin(const MoveTools& tools, const ObjectKey& from,
                                                            const ObjectKey& to, bool target_was_there) {
  ASSIGN_OR_RETURN(std::string id, tools.journal.Begin(from, to, target_was_there));
  return std::make_unique<DirectoryMove>(tools, std::move(id),
                                         JournaledMove{.from = from, .to = to, .target_was_there = target_was_there});
}

DirectoryMove::DirectoryMove(const MoveTools& tools, std::string id, JournaledMove left)
    : tools_(tools),
      id_(std::move(id)),
      move_(std::move(left)),
      stage_(move_.switched ? Stage::kDeleting : Stage::kCopying) {}

Result<> DirectoryMove::CopyEverything(const OpContext& context) {
  for (int round = 0; round < kMostRounds; ++round) {
    ASSIGN_OR_RETURN(const ListedTree listed, ListTree(context, tools_.store, move_.from));
    for (const auto& [key, version] : listed) {
      if (MovedKey(key, move_.from, move_.to).size() > kMaxKeyBytes) {
        return Fail(ErrorCode::kNameTooLong, key + ": the new key would have more than 1024 bytes");
      }
    }
    const CopyRound plan = PlanCopyRound(tree_, listed);
    std::vector<ObjectKey> orphans;
    orphans.reserve(plan.vanished.size());
    for (const ObjectKey& key : plan.vanished) orphans.push_back(MovedKey(key, move_.from, move_.to));
    RETURN_IF_ERROR(DeleteKeys(context, orphans));
    if (plan.to_copy.empty()) return {};
    RETURN_IF_ERROR(CopyAll(context, plan.to_copy));
  }
  return Fail(ErrorCode::kBusy, move_.from + ": others keep changing what is below");
}

Result<> DirectoryMove::CopyAll(const OpContext& context, const std::vector<ObjectKey>& keys) {
  MoveProgress progress(tools_.clock, "copy", move_.from, move_.to, keys.size());
  return RunInParallel(tools_.pool, keys.size(), kParallelCopies, [&](size_t i) -> Result<> {
    RETURN_IF_ERROR(CopyOne(context, keys[i]));
    progress.Count(1);
    return {};
  });
}

Result<> DirectoryMove::CopyOne(const OpContext& context, const ObjectKey& key) {
  // Each thread has an object of its own, and the tree has the same keys all the while.
  MovedObject& object = tree_.at(key);
  const auto copied =
      CopyObject(context, tools_.store, tools_.pool, tools_.clock, {.key = key, .if_match = object.present.etag},
                 object.present.size, MovedKey(key, move_.from, move_.to), std::nullopt, id_);
  if (copied) {
    object.copy = {.source = object.present.etag, .modified = object.present.modified, .made = copied->etag};
    return tools_.journal.NoteCopied(id_, key, *object.copy);
  }
  // Changed or removed since the listing: the next round sees what it is now.
  const ErrorCode code = copied.error().code();
  if (code == ErrorCode::kStale || code == ErrorCode::kNotFound) return {};
  return Fail(copied.error().WithContext(key));
}

Result<> DirectoryMove::Switch() {
  RETURN_IF_ERROR(tools_.journal.Switch(id_));
  // Whoever reads the journal next goes forward: so does this process, also where the sync fails.
  move_.switched = true;
  stage_ = Stage::kDeleting;
  return tools_.journal.Sync();
}

Result<> DirectoryMove::DeleteSources(const OpContext& context) {
  std::vector<ObjectKey> keys;
  keys.reserve(tree_.size());
  for (const auto& [key, object] : tree_) keys.push_back(key);
  return DeleteKeys(context, keys);
}

Result<> DirectoryMove::DeleteKeys(const OpContext& context, const std::vector<ObjectKey>& keys) const {
  MoveProgress progress(tools_.clock, "delete", move_.from, move_.to, keys.size());
  const size_t batches = (keys.size() + kMaxKeysPerDelete - 1) / kMaxKeysPerDelete;
  return RunInParallel(tools_.pool, batches, kParallelDeletes, [&](size_t batch) -> Result<> {
    const size_t begin = batch * kMaxKeysPerDelete;
    const size_t count = std::min(kMaxKeysPerDelete, keys.size() - begin);
    ASSIGN_OR_RETURN(const auto left, tools_.store.DeleteMany(context, std::span(keys).subspan(begin, count)));
    if (!left.empty()) return Fail(left.front().error.WithContext(left.front().key));
    progress.Count(count);
    return {};
  });
}

Result<> DirectoryMove::MoveOldMarker(const OpContext& context) {
  const ObjectKey from = move_.from.substr(0, move_.from.size() - 1);
  ASSIGN_OR_RETURN(const auto info, InterpretHead(tools_.store.Head(context, from, {})));
  if (!info || !IsOldDirectoryMarker(*info)) return {};
  // The marker that the directory had beside it has moved with the tree, and counts.
  ASSIGN_OR_RETURN(const auto moved, InterpretHead(tools_.store.Head(context, move_.to, {})));
  if (!moved) {
    RETURN_IF_ERROR(tools_.store.Copy(context, {.key = from, .if_match = info->etag}, move_.to, std::nullopt));
  }
  return tools_.store.Delete(context, from);
}

Result<> DirectoryMove::End() {
  stage_ = Stage::kOver;
  return tools_.journal.End(id_);
}

Result<> DirectoryMove::Settle(const OpContext& context) {
  TakeDownCopies();
  if (stage_ == Stage::kCopying) RETURN_IF_ERROR(Undo(context));
  if (stage_ == Stage::kDeleting) RETURN_IF_ERROR(Finish(context));
  return End();
}

void DirectoryMove::TakeDownCopies() {
  for (const auto& [key, object] : tree_) {
    if (object.copy) move_.copies[key] = *object.copy;
  }
  tree_.clear();
}

Result<> DirectoryMove::Undo(const OpContext& context) {
  for (;;) {
    ASSIGN_OR_RETURN(const ListedTree source, ListTree(context, tools_.store, move_.from));
    ASSIGN_OR_RETURN(const ListedTree target, ListTree(context, tools_.store, move_.to));
    UndoPlan plan = PlanUndo(move_, source, target);
    ASSIGN_OR_RETURN(const auto copies, FindCopies(context, plan.doubtful));
    plan.copies.insert(plan.copies.end(), copies.begin(), copies.end());
    // A copy that was under way when its process ended may come late: only a look that finds none is the last one.
    if (!plan.copies.empty()) {
      RETURN_IF_ERROR(DeleteKeys(context, plan.copies));
      continue;
    }
    if (!plan.others.empty()) {
      Log(LogLevel::kWarning, "what a rename that is undone did not make stays below the new name",
          {{"below", move_.to}, {"objects", std::to_string(plan.others.size())}, {"first", plan.others.front()}});
    }
    return {};
  }
}

Result<> DirectoryMove::Finish(const OpContext& context) {
  RETURN_IF_ERROR(tools_.journal.Sync());
  ASSIGN_OR_RETURN(const ListedTree source, ListTree(context, tools_.store, move_.from));
  ASSIGN_OR_RETURN(const ListedTree target, ListTree(context, tools_.store, move_.to));
  const DeletionPlan plan = PlanDeletion(move_, source, target);
  RETURN_IF_ERROR(DeleteKeys(context, plan.moved));
  RETURN_IF_ERROR(MoveOldMarker(context));
  if (!plan.staying.empty()) {
    Log(LogLevel::kWarning, "others have changed a directory while it was renamed: that stays below its old name",
        {{"below", move_.from}, {"objects", std::to_string(plan.staying.size())}, {"first", plan.staying.front()}});
  }
  return {};
}

Result<std::vector<ObjectKey>> DirectoryMove::FindCopies(const OpContext& context,
                                                         const std::vector<ObjectKey>& doubtful) const {
  std::vector<char> verdicts(doubtful.size(), 0);  // One byte each: threads write side by side.
  RETURN_IF_ERROR(RunInParallel(tools_.pool, doubtful.size(), kParallelLooks, [&](size_t i) -> Result<> {
    ASSIGN_OR_RETURN(const bool copy, IsCopy(context, doubtful[i]));
    verdicts[i] = copy ? 1 : 0;
    return {};
  }));
  std::vector<ObjectKey> copies;
  for (size_t i = 0; i < doubtful.size(); ++i) {
    if (verdicts[i] != 0) copies.push_back(doubtful[i]);
  }
  return copies;
}

Result<bool> DirectoryMove::IsCopy(const OpContext& context, const ObjectKey& target) const {
  const ObjectKey source = MovedKey(target, move_.to, move_.from);
  ASSIGN_OR_RETURN(const auto source_info, InterpretHead(tools_.store.Head(context, source, {})));
  ASSIGN_OR_RETURN(const auto target_info, InterpretHead(tools_.store.Head(context, target, {})));
  if (!source_info || !target_info) return false;
  switch (JudgeCopy(id_, *source_info, *target_info)) {
    case CopyVerdict::kCopy: return true;
    case CopyVerdict::kOther: return false;
    case CopyVerdict::kCompareBytes: break;
  }
  return HaveSameBytes(context, tools_.store, {source, source_info->etag}, {target, target_info->etag},
                       source_info->size);
}

}  // namespace cosfuse
