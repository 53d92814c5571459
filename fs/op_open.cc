#include <fcntl.h>
#include <sys/stat.h>

#include "fs/bucket_file_system.h"
#include "fs/file_state.h"

namespace cosfuse {

Result<OpenedFile> BucketFileSystem::Open(const OpContext& context, const Caller&, NodeId node, int flags) {
  ASSIGN_OR_RETURN(const FileRef file, FindFile(node));
  if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0) RETURN_IF_ERROR(CheckMayChange());
  RETURN_IF_ERROR(ProveVersion(context, file, flags));
  return OpenHandle(file, flags);
}

Result<> BucketFileSystem::ProveVersion(const OpContext& context, const FileRef& file, int flags) {
  if (parts_.write_only()) return {};
  const auto key = parts_.nodes.KeyOf(*file);
  const MonotonicTime now = parts_.clock.Now();
  OpenCheck check = OpenCheck::kNone;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    if (!S_ISREG(state.attributes.mode)) return Fail(ErrorCode::kInvalidArgument, "not a file with bytes");
    if (state.unlinked) return {};
    if (key) LearnFromContent(state, *key, std::nullopt);
    check = DecideOpenCheck({.local_authority = state.local_authority(),
                             .fresh = IsFresh(state.evidence, now, parts_.options.ttl),
                             .just_looked_up = IsFresh(state.looked_up, now, kLookupGrace),
                             .reads_only = (flags & (O_ACCMODE | O_TRUNC)) == O_RDONLY,
                             .content_at_hand = state.content != nullptr && state.content_whole,
                             .size = state.stored_size});
  }
  switch (check) {
    case OpenCheck::kNone: return {};
    case OpenCheck::kHead: return resolver_.RefreshFile(context, file, RefreshFor::kOpen);
    case OpenCheck::kGetWhole: return resolver_.FetchWhole(context, file, false);
    case OpenCheck::kGetIfChanged: return resolver_.FetchWhole(context, file, true);
  }
  return {};
}

Result<OpenedFile> BucketFileSystem::OpenHandle(const FileRef& file, int flags) {
  const bool truncate = (flags & O_TRUNC) != 0;
  const bool stores = truncate || (flags & O_CREAT) != 0 || (flags & O_ACCMODE) != O_RDONLY;
  const auto key = parts_.nodes.KeyOf(*file);
  const WallTime now = parts_.clock.WallNow();
  std::shared_ptr<CachedFile> content;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    ASSIGN_OR_RETURN(content, ContentForOpen(state, key, truncate));
    state.content = content;
    state.used = true;
    state.looked_up.reset();
    ++state.handles;
    if (stores) ++state.writers;
    if (truncate) {
      state.replaces_unseen = state.replaces_unseen || parts_.write_only();
      state.attributes.modification_time = now;
      state.attributes.change_time = now;
    }
  }
  OpenedFile opened;
  opened.handle = parts_.handles.Add(std::make_shared<FileHandle>(file, content, flags));
  // Every node stands for one version: its pages stay right.
  opened.keep_pages = true;
  opened.direct = (flags & O_ACCMODE) == O_WRONLY;
  if (auto ready = PrepareContent(*content, truncate); !ready) {
    Release(opened.handle);
    return Fail(std::move(ready).error());
  }
  return opened;
}

Result<> BucketFileSystem::PrepareContent(CachedFile& content, bool truncate) const {
  if (truncate) return content.Truncate(0);
  // A drop box never fetches: what is no longer at hand cannot be read or extended.
  if (parts_.write_only() && !content.MakeLocal(OpContext::Immediate())) {
    return Fail(ErrorCode::kAccessDenied, "a drop box cannot read what it has stored");
  }
  return {};
}

Result<std::shared_ptr<CachedFile>> BucketFileSystem::ContentForOpen(FileState& state,
                                                                     const std::optional<ObjectKey>& key,
                                                                     bool truncate) {
  if (state.unlinked && state.content != nullptr) return state.content;
  if (!key || state.unlinked || state.conflicted) return Fail(ErrorCode::kStale, "the name leads elsewhere by now");
  const bool replaceable = state.handles == 0 && !state.dirty();
  if (state.content != nullptr && !(truncate && replaceable)) return state.content;
  if (state.etag.empty()) return Fail(ErrorCode::kStale, "the file is not in the store");
  const BaseVersion base = {.key = *key, .etag = state.etag, .size = state.stored_size};
  state.content_whole = truncate;
  // What is cut to nothing needs none of the old bytes, but still replaces just this version.
  return truncate ? parts_.cache.Create(base) : parts_.cache.OpenBase(base);
}

}  // namespace cosfuse
