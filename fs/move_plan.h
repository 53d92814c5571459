#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_range.h"
#include "base/clock.h"
#include "cache/journal_record.h"
#include "cos/object_store.h"

namespace cosfuse {

// What a directory that moves demands, as functions without requests, clocks or locks. Who acts on it: DirectoryMove.

/// A version of an object, as a listing has it. A change of metadata alone may keep the ETag, but not Last-Modified.
struct ListedVersion {
  ETag etag;
  ByteCount size = 0;
  WallTime modified{};
};
/// Everything below a prefix, by key.
using ListedTree = std::map<ObjectKey, ListedVersion>;

/// One object below the old name, and its copy.
struct MovedObject {
  ListedVersion present;
  std::optional<JournaledCopy> copy{};  ///< The last one that was made, of whatever version.

  bool is_copied() const { return copy && copy->source == present.etag && copy->modified == present.modified; }
};
/// By the source's key.
using MovedTree = std::map<ObjectKey, MovedObject>;

/// The key that an object below `from` has below `to`.
ObjectKey MovedKey(const ObjectKey& key, const ObjectKey& from, const ObjectKey& to);

/// What a fresh listing of the source demands after a round of copies.
struct CopyRound {
  std::vector<ObjectKey> to_copy;   ///< New, changed or not copied yet; `tree` has their present versions.
  std::vector<ObjectKey> vanished;  ///< Gone from the source since they were copied: no longer in `tree`.
};
CopyRound PlanCopyRound(MovedTree& tree, const ListedTree& listed);

/// What has to go of a target whose move is given up: copies, and never what somebody else has put there, nor the last
/// of anything.
struct UndoPlan {
  std::vector<ObjectKey> copies;    ///< Keys below the new name. Their sources are all there.
  std::vector<ObjectKey> doubtful;  ///< The same, if JudgeCopy says that they are copies: nobody was told of them.
  std::vector<ObjectKey> others;    ///< They stay.
};
UndoPlan PlanUndo(const JournaledMove& move, const ListedTree& source, const ListedTree& target);

/// Whether an object below the new name is a copy of the one below the old name.
enum class CopyVerdict {
  kCopy,
  kOther,
  kCompareBytes,  ///< It is, if it has the same bytes.
};
CopyVerdict JudgeCopy(const std::string& move, const ObjectInfo& source, const ObjectInfo& target);

/// What has to go of a source after everything was copied: the very versions that were, as long as the target has
/// something in their place.
struct DeletionPlan {
  std::vector<ObjectKey> moved;
  std::vector<ObjectKey> staying;  ///< Made or changed by others meanwhile, or not there a second time.
};
DeletionPlan PlanDeletion(const JournaledMove& move, const ListedTree& source, const ListedTree& target);

}  // namespace cosfuse
