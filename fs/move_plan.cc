#include "fs/move_plan.h"

#include <algorithm>
#include <chrono>

#include "cache/uploader.h"

namespace cosfuse {
namespace {

std::string UploadIdOf(const ObjectInfo& info) {
  const auto id = info.metadata.user.find(std::string(kUploadIdField));
  return id == info.metadata.user.end() ? std::string() : id->second;
}

}  // namespace

ObjectKey MovedKey(const ObjectKey& key, const ObjectKey& from, const ObjectKey& to) {
  return to + key.substr(from.size());
}

CopyRound PlanCopyRound(MovedTree& tree, const ListedTree& listed) {
  CopyRound plan;
  for (auto object = tree.begin(); object != tree.end();) {
    if (listed.contains(object->first)) {
      ++object;
      continue;
    }
    if (object->second.copy) plan.vanished.push_back(object->first);
    object = tree.erase(object);
  }
  for (const auto& [key, present] : listed) {
    MovedObject& object = tree[key];
    object.present = present;
    if (!object.is_copied()) plan.to_copy.push_back(key);
  }
  return plan;
}

UndoPlan PlanUndo(const JournaledMove& move, const ListedTree& source, const ListedTree& target) {
  UndoPlan plan;
  for (const auto& [key, version] : target) {
    // A directory that was there before keeps its marker, be it a copy by now.
    if (move.target_was_there && key == move.to) continue;
    const ObjectKey source_key = MovedKey(key, move.to, move.from);
    const auto copy = move.copies.find(source_key);
    if (!source.contains(source_key)) {
      plan.others.push_back(key);
    } else if (copy != move.copies.end() && copy->second.made == version.etag) {
      plan.copies.push_back(key);
    } else {
      // The answer was lost, or came when nobody could take it down any more.
      plan.doubtful.push_back(key);
    }
  }
  return plan;
}

CopyVerdict JudgeCopy(const std::string& move, const ObjectInfo& source, const ObjectInfo& target) {
  const std::string id = UploadIdOf(target);
  if (id.starts_with(move)) return CopyVerdict::kCopy;
  if (source.size != target.size || source.metadata != target.metadata) return CopyVerdict::kOther;
  // An id marks one version: what has the same is a copy of that.
  if (!id.empty() || source.etag == target.etag) return CopyVerdict::kCopy;
  // ETags of equal bytes may differ: of objects that were uploaded in parts, or are encrypted with a key of their
  // owner.
  return CopyVerdict::kCompareBytes;
}

DeletionPlan PlanDeletion(const JournaledMove& move, const ListedTree& source, const ListedTree& target) {
  DeletionPlan plan;
  for (const auto& [key, version] : source) {
    const auto copy = move.copies.find(key);
    const bool was_copied =
        copy != move.copies.end() && copy->second.source == version.etag && copy->second.modified == version.modified;
    const bool twice = target.contains(MovedKey(key, move.from, move.to));
    (was_copied && twice ? plan.moved : plan.staying).push_back(key);
  }
  return plan;
}

}  // namespace cosfuse
