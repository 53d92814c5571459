#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/op_context.h"
#include "base/thread_pool.h"
#include "cos/object_store.h"

namespace cosfuse {

/// One object below a directory that moves, and its copy.
struct MovedObject {
  ETag etag;
  ByteCount size = 0;
  ETag copy{};            ///< Version of the copy of `etag`; empty: not copied yet.
  bool has_copy = false;  ///< Something was copied to the target, of whatever version.
};
/// By the source's key.
using MovedTree = std::map<ObjectKey, MovedObject>;

/// What a fresh listing of the source demands after a round of copies. Pure.
struct CopyRound {
  std::vector<ObjectKey> to_copy;   ///< New, changed or not copied yet; `tree` has their present versions.
  std::vector<ObjectKey> vanished;  ///< Gone from the source since they were copied: no longer in `tree`.
};
CopyRound PlanCopyRound(MovedTree& tree, const MovedTree& listed);

/// Everything below a prefix.
Result<MovedTree> ListTree(const OpContext& context, ObjectStore& store, const ObjectKey& prefix);

/// Copies everything below `from` to `to`, and copies again what changed meanwhile, until a listing shows nothing new:
/// then each object of the source has a copy of its present version. After a failure the copies are removed again, as
/// far as that can be done, but for the marker of a target that was there before. Blocks on the network. Errors:
/// ObjectStore's; kBusy: the source never stands still; kNameTooLong: a key below would be.
Result<MovedTree> CopyTree(const OpContext& context, ObjectStore& store, ThreadPool& pool, Clock& clock,
                           const ObjectKey& from, const ObjectKey& to, bool target_was_there);

/// Deletes the source's objects. Errors: the first of a key that is still there, which then exists twice.
Result<> DeleteTree(const OpContext& context, ObjectStore& store, ThreadPool& pool, const MovedTree& tree);

}  // namespace cosfuse
