#include "cache/block_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cosfuse {

Error AsReadOfVersion(const Error& error) {
  return error.code() == ErrorCode::kNotFound ? error.WithCode(ErrorCode::kStale) : error;
}

BlockCache::BlockCache(const Options& options, ObjectStore& store, Clock& clock)
    : options_(options),
      store_(store),
      clock_(clock),
      table_(options.memory_budget),
      pool_({.name = "fetch", .max_threads = options.threads}) {}

BlockFileId BlockCache::Open(const BaseVersion& version) {
  MutexLock lock(mutex_);
  const BlockFileId id = next_id_++;
  files_.emplace(id, File{version, {}});
  return id;
}

void BlockCache::Close(BlockFileId id) {
  std::vector<FetchPointer> fetches;
  {
    MutexLock lock(mutex_);
    fetches = files_.at(id).fetches;
    for (const auto& fetch : fetches) GiveUpLocked(fetch);
    files_.erase(id);
    table_.Drop(id);
  }
  for (const auto& fetch : fetches) fetch->cancellation->Cancel();
}

void BlockCache::Rebase(BlockFileId id, const BaseVersion& version) {
  MutexLock lock(mutex_);
  files_.at(id).version = version;
}

void BlockCache::Replace(BlockFileId id, const BaseVersion& version) {
  std::vector<FetchPointer> fetches;
  {
    MutexLock lock(mutex_);
    File& file = files_.at(id);
    file.version = version;
    fetches = file.fetches;
    for (const auto& fetch : fetches) GiveUpLocked(fetch);
    table_.Drop(id);
  }
  for (const auto& fetch : fetches) fetch->cancellation->Cancel();
}

std::shared_ptr<void> BlockCache::Charge(ByteCount bytes) {
  {
    MutexLock lock(mutex_);
    table_.Charge(bytes);
  }
  return {static_cast<void*>(this), [this, bytes](void*) {
            MutexLock lock(mutex_);
            table_.Discharge(bytes);
          }};
}

ByteCount BlockCache::used() const {
  MutexLock lock(mutex_);
  return table_.used();
}

Result<> BlockCache::Read(const OpContext& context, BlockFileId id, ReadAhead& read_ahead, ByteCount offset,
                          std::span<std::byte> out) {
  const ByteRange range{offset, out.size()};
  if (range.empty()) return {};
  std::vector<Piece> pieces;
  Started started;
  ReadAheadPlan plan;
  {
    MutexLock lock(mutex_);
    const ByteCount size = files_.at(id).version.size;
    if (range.end() > size) return Fail(ErrorCode::kInvalidArgument, "a read beyond the end of the version");
    pieces = CollectLocked(id, range);
    const bool at_hand = !pieces.empty() && pieces.back().range.end() == range.end();
    if (!at_hand) RETURN_IF_ERROR(context.CheckMayWait(clock_.Now()));
    plan = read_ahead.OnRead(range, size, options_.memory_budget / 4);
    started = StartLocked(id, plan.ahead, true, context.patience());
    if (!plan.ahead.empty()) read_ahead.OnStarted(started.until);
  }
  Post(started.fetches);
  Copy(pieces, offset, out);
  ByteCount at = pieces.empty() ? offset : pieces.back().range.end();
  while (at < range.end()) {
    ASSIGN_OR_RETURN(const ByteCount length,
                     ReadSome(context, id, ByteRange::FromTo(at, range.end()), plan.demand, offset, out));
    at += length;
  }
  return {};
}

std::vector<BlockCache::Piece> BlockCache::CollectLocked(BlockFileId id, ByteRange range) {
  std::vector<Piece> pieces;
  for (ByteCount at = range.offset; at < range.end();) {
    auto block = table_.Find(id, at);
    const ByteCount length = block ? std::min(block->valid.ContiguousFrom(at), range.end() - at) : 0;
    if (length == 0) break;
    table_.Touch(*block);
    pieces.push_back({std::move(block), {at, length}});
    at += length;
  }
  return pieces;
}

void BlockCache::Copy(const std::vector<Piece>& pieces, ByteCount offset, std::span<std::byte> out) {
  for (const Piece& piece : pieces) {
    std::memcpy(out.data() + (piece.range.offset - offset), piece.block->At(piece.range.offset), piece.range.length);
  }
}

Result<ByteCount> BlockCache::ReadSome(const OpContext& context, BlockFileId id, ByteRange range, ByteRange demand,
                                       ByteCount offset, std::span<std::byte> out) {
  FetchPointer fetch;
  for (;;) {
    std::vector<Piece> pieces;
    Started started;
    BaseVersion version;
    {
      MutexLock lock(mutex_);
      File& file = files_.at(id);
      // A fetch that was waited for holds its blocks, whatever memory pressure has made of them in the table.
      pieces = CollectLocked(id, range);
      if (pieces.empty() && fetch != nullptr && fetch->published > range.offset) {
        const auto holds = [&](const auto& block) { return block->range.Contains({range.offset, 1}); };
        const auto block = std::find_if(fetch->blocks.begin(), fetch->blocks.end(), holds);
        table_.Touch(**block);
        pieces.push_back({*block, (*block)->range.Intersect(range).Intersect(
                                      ByteRange::FromTo(fetch->range.offset, fetch->published))});
      }
      if (pieces.empty()) {
        if (range.end() > file.version.size) return Fail(ErrorCode::kInvalidArgument, "the version has become shorter");
        fetch = FetchOfLocked(file, range.offset);
        if (fetch == nullptr) {
          started = StartLocked(id, demand, false, context.patience());
          fetch = FetchOfLocked(file, range.offset);
        }
        if (fetch == nullptr) version = file.version;
      }
    }
    Post(started.fetches);
    if (!pieces.empty()) {
      Copy(pieces, offset, out);
      return pieces.back().range.end() - range.offset;
    }
    if (fetch == nullptr) {
      RETURN_IF_ERROR(ReadDirectly(context, version, range, offset, out));
      return range.length;
    }
    ASSIGN_OR_RETURN(const bool published, WaitFor(context, fetch, range.offset));
    if (!published) fetch = nullptr;
  }
}

Result<bool> BlockCache::WaitFor(const OpContext& context, const FetchPointer& fetch, ByteCount at) {
  const auto wake = context.OnCancel([this, &fetch] {
    MutexLock lock(mutex_);
    fetch->progress.NotifyAll();
  });
  MutexLock lock(mutex_);
  ++fetch->waiters;
  Result<> may_wait;
  while (fetch->published <= at && !fetch->done && !fetch->given_up) {
    may_wait = context.CheckMayWait(clock_.Now());
    if (!may_wait) break;
    fetch->progress.WaitUntil(mutex_, context.deadline());
  }
  const bool last = --fetch->waiters == 0;
  if (!may_wait) {
    const bool of_use = fetch->ahead && fetch->published > fetch->range.offset;
    if (last && !of_use && !fetch->done) {
      GiveUpLocked(fetch);
      lock.Unlock();
      fetch->cancellation->Cancel();
    }
    return std::unexpected(may_wait.error());
  }
  if (fetch->published > at) return true;
  if (fetch->given_up) return false;
  return Fail(*fetch->error);
}

Result<> BlockCache::ReadDirectly(const OpContext& context, const BaseVersion& version, ByteRange range,
                                  ByteCount offset, std::span<std::byte> out) {
  ByteCount next = range.offset;
  const auto info =
      store_.Get(context, version.key, range, {.if_match = version.etag, .version_id = version.version_id},
                 [&](const ObjectInfo&, ByteCount at, std::span<const std::byte> data) -> Result<> {
                   if (at != next || at + data.size() > range.end()) {
                     return Fail(ErrorCode::kProtocol, "the store sent bytes that were not asked for");
                   }
                   std::memcpy(out.data() + (at - offset), data.data(), data.size());
                   next += data.size();
                   return {};
                 });
  if (!info) return Fail(AsReadOfVersion(info.error()));
  if (next != range.end()) return Fail(ErrorCode::kCorrupt, "the store sent too few bytes");
  return {};
}

}  // namespace cosfuse
