#include <utility>
#include <vector>

#include "base/log.h"
#include "fs/bucket_file_system.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"

namespace cosfuse {

std::vector<LeftFile> RestoreLeft(FileCache& cache, std::span<const std::pair<JournalFileId, JournaledFile>> uploads,
                                  size_t& unreadable) {
  std::vector<LeftFile> left;
  left.reserve(uploads.size());
  for (const auto& [id, state] : uploads) {
    auto file = cache.Restore(id, state);
    if (file) {
      left.push_back({*std::move(file), state.target, state.on_sibling || state.archive.has_value()});
    } else {
      ++unreadable;
      Log(LogLevel::kError, "a file that was closed when an earlier process ended cannot be read; the next start tries",
          {{"key", state.target.key}, {"error", file.error().ToString()}});
    }
  }
  return left;
}

// The nodes are what keeps what is new from what was left: a name that somebody looks up, opens, replaces or removes is
// taken here, by a file with unsent bytes, from before the first call on. So nothing has to be restored first, nobody
// waits, and there is no moment between "not restored" and "restored" to lose a race in.
//
// What a crash leaves behind is the journal's, and it does not change here: it has all of them when the mount begins
// (cache/recovery.h), and each leaves it when the store has it. Before and after every step of this, the next process
// finds what this one has found, less what has been stored.
void BucketFileSystem::AdoptLeft(const LeftChanges& left) {
  std::vector<ObjectKey> keys;
  keys.reserve(left.files.size());
  for (const LeftFile& each : left.files) keys.push_back(each.aside ? ObjectKey() : each.target.key);
  const auto paths = PlanLeftPaths(parts_.options.prefix, keys);
  for (size_t i = 0; i < left.files.size(); ++i) AdoptLeftFile(left.files[i], paths[i]);
  // Both wait for the files, each of which has its place in the order of promises now.
  removals_.Resume(left.removals);
  moves_.Resume(left.moves);
}

void BucketFileSystem::AdoptLeftFile(const LeftFile& left, const LeftPath& path) {
  if (const FileRef file = path.empty() ? nullptr : AddLeftNode(left, path)) {
    RememberWritten(file);
    storer_.StoreInTurn(file);
    return;
  }
  StoreDelay delay = storer_.DelayOf(*left.content, left.target.key);
  delay.in_turn = true;
  left.content->StoreSoon(left.target, delay);
}

FileRef BucketFileSystem::AddLeftNode(const LeftFile& left, const LeftPath& path) {
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
