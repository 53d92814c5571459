#include <algorithm>
#include <cstring>
#include <utility>

#include "cache/block_cache.h"

namespace cosfuse {

BlockCache::FetchPointer BlockCache::FetchOfLocked(File& file, ByteCount at) {
  const auto it = std::find_if(file.fetches.begin(), file.fetches.end(),
                               [at](const FetchPointer& fetch) { return fetch->range.Contains({at, 1}); });
  return it == file.fetches.end() ? nullptr : *it;
}

BlockCache::Started BlockCache::StartLocked(BlockFileId id, ByteRange range, bool ahead, Duration patience) {
  // What is wanted may have been found out when the version was a longer one.
  range = range.Intersect({0, files_.at(id).version.size});
  Started started{.fetches = {}, .until = range.end()};
  if (range.empty()) return started;
  ExtentMap there;
  for (ByteCount at = range.offset; at < range.end(); at = (at / kBlockSize + 1) * kBlockSize) {
    if (const auto block = table_.Find(id, at)) there.InsertAll(block->valid);
  }
  for (const auto& fetch : files_.at(id).fetches) there.Insert(fetch->range);
  for (const ByteRange gap : there.Gaps(range)) {
    for (const ByteRange get : SplitIntoGets(gap, options_.read_ahead.get_size)) {
      auto fetch = StartOneLocked(id, get, ahead, patience);
      started.until = fetch == nullptr ? get.offset : fetch->range.end();
      if (fetch != nullptr) started.fetches.push_back(std::move(fetch));
      if (started.until < get.end()) return started;
    }
  }
  started.until = range.end();
  return started;
}

BlockCache::FetchPointer BlockCache::StartOneLocked(BlockFileId id, ByteRange range, bool ahead, Duration patience) {
  File& file = files_.at(id);
  auto fetch = std::make_shared<Fetch>();
  while (!range.empty()) {
    // Read-ahead takes half of the memory at most, until it is read: more would push out what it has brought itself.
    if (ahead && std::max(table_.pinned(), table_.unread()) + kBlockSize > table_.budget() / 2) break;
    auto block = table_.Pin(id, range.offset, file.version.size, ahead);
    if (block == nullptr) break;
    if (fetch->blocks.empty()) fetch->range.offset = range.offset;
    const ByteCount end = std::min(block->range.end(), range.end());
    fetch->range.length = end - fetch->range.offset;
    range = ByteRange::FromTo(end, range.end());
    fetch->blocks.push_back(std::move(block));
  }
  if (fetch->blocks.empty()) return nullptr;
  fetch->file = id;
  fetch->version = file.version;
  fetch->ahead = ahead;
  fetch->patience = patience;
  fetch->published = fetch->range.offset;
  file.fetches.push_back(fetch);
  return fetch;
}

void BlockCache::Post(const std::vector<FetchPointer>& fetches) {
  for (const auto& fetch : fetches) pool_.Post([this, fetch] { Run(fetch); });
}

void BlockCache::Run(const FetchPointer& fetch) {
  const OpContext context = OpContext().WithPatience(fetch->patience).WithCancellation(fetch->cancellation);
  const auto info = store_.Get(context, fetch->version.key, fetch->range,
                               {.if_match = fetch->version.etag, .version_id = fetch->version.version_id},
                               [&](const ObjectInfo&, ByteCount offset, std::span<const std::byte> data) {
                                 return Publish(*fetch, offset, data);
                               });
  Finish(fetch, info ? std::nullopt : std::optional(AsReadOfVersion(info.error())));
}

Result<> BlockCache::Publish(Fetch& fetch, ByteCount offset, std::span<const std::byte> data) {
  const ByteRange range{offset, data.size()};
  {
    MutexLock lock(mutex_);
    if (offset != fetch.published || !fetch.range.Contains(range)) {
      return Fail(ErrorCode::kProtocol, "the store sent bytes that were not asked for");
    }
  }
  // Only this fetch fills this range of its blocks, and nobody reads it before it is valid: no lock is needed.
  const size_t first = (offset / kBlockSize) - (fetch.range.offset / kBlockSize);
  for (size_t i = first; i < fetch.blocks.size(); ++i) {
    const ByteRange part = fetch.blocks[i]->range.Intersect(range);
    if (part.empty()) break;
    std::memcpy(fetch.blocks[i]->At(part.offset), data.data() + (part.offset - offset), part.length);
  }
  MutexLock lock(mutex_);
  for (size_t i = first; i < fetch.blocks.size(); ++i)
    fetch.blocks[i]->valid.Insert(fetch.blocks[i]->range.Intersect(range));
  fetch.published = range.end();
  fetch.progress.NotifyAll();
  return {};
}

void BlockCache::Finish(const FetchPointer& fetch, std::optional<Error> error) {
  MutexLock lock(mutex_);
  if (!error && fetch->published != fetch->range.end())
    error = Error(ErrorCode::kCorrupt, "the store sent too few bytes");
  for (const auto& block : fetch->blocks) table_.Unpin(*block);
  const auto file = files_.find(fetch->file);
  if (file != files_.end()) {
    std::erase(file->second.fetches, fetch);
    const bool stale = error && error->code() == ErrorCode::kStale;
    const bool current =
        fetch->version.key == file->second.version.key && fetch->version.etag == file->second.version.etag;
    if (stale && current) table_.Drop(fetch->file);
    if (stale && !current) fetch->given_up = true;
  }
  fetch->error = std::move(error);
  fetch->done = true;
  fetch->progress.NotifyAll();
}

void BlockCache::GiveUpLocked(const FetchPointer& fetch) {
  fetch->given_up = true;
  for (const auto& block : fetch->blocks) table_.Detach(*block);
  const auto file = files_.find(fetch->file);
  if (file != files_.end()) std::erase(file->second.fetches, fetch);
  fetch->progress.NotifyAll();
}

}  // namespace cosfuse
