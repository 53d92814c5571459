#include <utility>
#include <vector>

#include "fs/bucket_file_system.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"

namespace cosfuse {

// The nodes are what keeps what is new from what was left: a name that somebody looks up, opens, replaces or removes is
// taken here, by a file with unsent bytes, from before the first call on. So nothing has to be restored first, nobody
// waits, and there is no moment between "not restored" and "restored" to lose a race in.
//
// What a crash leaves behind is the journal's, and it does not change here: it has all of them when the mount begins
// (cache/recovery.h), and each leaves it when the store has it. Before and after every step of this, the next process
// finds what this one has found, less what has been stored.
void BucketFileSystem::AdoptLeft(const std::vector<LeftFile>& left) {
  std::vector<ObjectKey> keys;
  keys.reserve(left.size());
  for (const LeftFile& each : left) keys.push_back(each.aside ? ObjectKey() : each.target.key);
  const auto paths = PlanLeftPaths(parts_.options.prefix, keys);
  for (size_t i = 0; i < left.size(); ++i) {
    if (const FileRef file = paths[i].empty() ? nullptr : AdoptLeftFile(left[i], paths[i])) {
      RememberWritten(file);
      storer_.StoreInTurn(file);
      continue;
    }
    StoreDelay delay = storer_.DelayOf(*left[i].content, left[i].target.key);
    delay.in_turn = true;
    left[i].content->StoreSoon(left[i].target, delay);
  }
}

FileRef BucketFileSystem::AdoptLeftFile(const LeftFile& left, const LeftPath& path) {
  auto directory = std::static_pointer_cast<DirectoryNode>(parts_.nodes.Find(NodeId::kRoot));
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    NodeRef below = parts_.nodes.FindChild(*directory, path[i]);
    if (below == nullptr) {
      below = parts_.nodes.AddDirectory(*directory, path[i], nullptr,
                                        NewDirectoryState(parts_.defaults, parts_.started_at, std::nullopt));
    }
    if (below == nullptr || below->AsDirectory() == nullptr) return nullptr;
    directory = std::static_pointer_cast<DirectoryNode>(below);
  }
  FileState state = LeftFileState(left.target, left.content->base(), parts_.defaults);
  state.content = left.content;
  return parts_.nodes.AddFile(*directory, path.back(), nullptr, false, std::move(state));
}

void FileStorer::StoreInTurn(const FileRef& file) {
  const auto key = parts_.nodes.KeyOf(*file);
  if (!key) return;
  std::shared_ptr<CachedFile> content;
  UploadTarget target;
  {
    MutexLock lock(file->mutex);
    content = file->state().content;
    target = HandOver(file->state(), *key);
  }
  StoreDelay delay = DelayOf(*content, *key);
  delay.in_turn = true;
  content->StoreSoon(target, delay);
  // Not by Keep: that it is not there yet is known, and looking for each of many takes the square of their number.
  MutexLock lock(mutex_);
  unsettled_.push_back({.file = file, .due = {}, .failures = 0});
}

}  // namespace cosfuse
