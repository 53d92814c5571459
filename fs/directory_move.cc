#include "fs/directory_move.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "cos/limits.h"
#include "fs/object_copy.h"
#include "fs/parallel.h"

namespace cosfuse {
namespace {

constexpr size_t kParallelCopies = 64;
constexpr size_t kParallelDeletes = 4;
/// A source that others still write to after so many rounds is left alone.
constexpr int kMostRounds = 10;
constexpr auto kUndoTime = std::chrono::seconds(20);

ObjectKey Renamed(const ObjectKey& key, const ObjectKey& from, const ObjectKey& to) {
  return to + key.substr(from.size());
}

Result<> DeleteKeys(const OpContext& context, ObjectStore& store, ThreadPool& pool,
                    const std::vector<ObjectKey>& keys) {
  const size_t batches = (keys.size() + kMaxKeysPerDelete - 1) / kMaxKeysPerDelete;
  return RunInParallel(pool, batches, kParallelDeletes, [&](size_t batch) -> Result<> {
    const size_t begin = batch * kMaxKeysPerDelete;
    const size_t count = std::min(kMaxKeysPerDelete, keys.size() - begin);
    ASSIGN_OR_RETURN(const auto left, store.DeleteMany(context, std::span(keys).subspan(begin, count)));
    if (!left.empty()) return Fail(left.front().error.WithContext(left.front().key));
    return {};
  });
}

/// Copies of a move that failed must not make the target look like a full directory at the next try. A directory that
/// was there before keeps its marker, be it a copy by now.
void Undo(ObjectStore& store, ThreadPool& pool, Clock& clock, const MovedTree& tree, const ObjectKey& from,
          const ObjectKey& to, bool target_was_there) {
  std::vector<ObjectKey> copies;
  for (const auto& [key, object] : tree) {
    if (object.has_copy && !(target_was_there && key == from)) copies.push_back(Renamed(key, from, to));
  }
  const OpContext context = OpContext().WithDeadline(clock.Now() + kUndoTime);
  if (const auto undone = DeleteKeys(context, store, pool, copies); !undone) {
    Log(LogLevel::kWarning, "copies of a failed rename stay in the bucket",
        {{"below", to}, {"error", undone.error().ToString()}});
  }
}

Result<> CopyRoundOf(const OpContext& context, ObjectStore& store, ThreadPool& pool, Clock& clock,
                     const std::vector<ObjectKey>& keys, MovedTree& tree, const ObjectKey& from, const ObjectKey& to) {
  return RunInParallel(pool, keys.size(), kParallelCopies, [&](size_t i) -> Result<> {
    MovedObject& object = tree.at(keys[i]);
    const auto copied = CopyObject(context, store, pool, clock, {.key = keys[i], .if_match = object.etag}, object.size,
                                   Renamed(keys[i], from, to), std::nullopt);
    if (copied) {
      object.copy = copied->etag;
      object.has_copy = true;
      return {};
    }
    // Changed or removed since the listing: the next round sees what it is now.
    const ErrorCode code = copied.error().code();
    if (code == ErrorCode::kStale || code == ErrorCode::kNotFound) return {};
    return Fail(copied.error().WithContext(keys[i]));
  });
}

Result<> CopyRounds(const OpContext& context, ObjectStore& store, ThreadPool& pool, Clock& clock, MovedTree& tree,
                    const ObjectKey& from, const ObjectKey& to) {
  for (int round = 0; round < kMostRounds; ++round) {
    ASSIGN_OR_RETURN(const MovedTree listed, ListTree(context, store, from));
    for (const auto& [key, object] : listed) {
      if (Renamed(key, from, to).size() > kMaxKeyBytes) {
        return Fail(ErrorCode::kNameTooLong, key + ": the new key would have more than 1024 bytes");
      }
    }
    const CopyRound plan = PlanCopyRound(tree, listed);
    std::vector<ObjectKey> orphans;
    orphans.reserve(plan.vanished.size());
    for (const ObjectKey& key : plan.vanished) orphans.push_back(Renamed(key, from, to));
    RETURN_IF_ERROR(DeleteKeys(context, store, pool, orphans));
    if (plan.to_copy.empty()) return {};
    RETURN_IF_ERROR(CopyRoundOf(context, store, pool, clock, plan.to_copy, tree, from, to));
  }
  return Fail(ErrorCode::kBusy, from + ": others keep changing what is below");
}

}  // namespace

CopyRound PlanCopyRound(MovedTree& tree, const MovedTree& listed) {
  CopyRound plan;
  for (auto object = tree.begin(); object != tree.end();) {
    if (listed.contains(object->first)) {
      ++object;
      continue;
    }
    if (object->second.has_copy) plan.vanished.push_back(object->first);
    object = tree.erase(object);
  }
  for (const auto& [key, present] : listed) {
    MovedObject& object = tree[key];
    if (!object.copy.empty() && object.etag == present.etag) continue;
    object.etag = present.etag;
    object.size = present.size;
    object.copy = {};
    plan.to_copy.push_back(key);
  }
  return plan;
}

Result<MovedTree> ListTree(const OpContext& context, ObjectStore& store, const ObjectKey& prefix) {
  MovedTree tree;
  ListRequest request;
  request.prefix = prefix;
  request.delimited = false;
  do {
    ASSIGN_OR_RETURN(const ListPage page, store.List(context, request));
    for (const ListedObject& object : page.objects) {
      tree[object.key] = {.etag = object.etag, .size = object.size};
    }
    request.continuation_token = page.next_token;
  } while (!request.continuation_token.empty());
  return tree;
}

Result<MovedTree> CopyTree(const OpContext& context, ObjectStore& store, ThreadPool& pool, Clock& clock,
                           const ObjectKey& from, const ObjectKey& to, bool target_was_there) {
  MovedTree tree;
  if (auto copied = CopyRounds(context, store, pool, clock, tree, from, to); !copied) {
    Undo(store, pool, clock, tree, from, to, target_was_there);
    return Fail(std::move(copied).error());
  }
  return tree;
}

Result<> DeleteTree(const OpContext& context, ObjectStore& store, ThreadPool& pool, const MovedTree& tree) {
  std::vector<ObjectKey> keys;
  for (const auto& [key, object] : tree) keys.push_back(key);
  return DeleteKeys(context, store, pool, keys);
}

}  // namespace cosfuse
