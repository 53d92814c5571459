#include "cache/block_table.h"

#include <algorithm>
#include <utility>

namespace cosfuse {
namespace {

ByteCount BlockStart(ByteCount offset) { return offset / kBlockSize * kBlockSize; }

}  // namespace

Block::Block(BlockFileId owner, ByteRange place)
    : file(owner), range(place), bytes(std::make_unique_for_overwrite<std::byte[]>(place.length)) {}

std::shared_ptr<Block> BlockTable::Find(BlockFileId file, ByteCount offset) {
  const auto blocks = files_.find(file);
  if (blocks == files_.end()) return nullptr;
  const auto found = blocks->second.find(BlockStart(offset));
  if (found == blocks->second.end()) return nullptr;
  Block& block = *found->second;
  if (block.pins == 0) lru_.splice(lru_.end(), lru_, block.lru);
  return found->second;
}

std::shared_ptr<Block> BlockTable::Pin(BlockFileId file, ByteCount offset, ByteCount size) {
  auto block = Find(file, offset);
  if (block == nullptr) {
    const ByteCount start = BlockStart(offset);
    const ByteRange range = ByteRange{start, kBlockSize}.Intersect({0, size});
    if (!MakeRoom(range.length)) return nullptr;
    block = std::make_shared<Block>(file, range);
    files_[file].emplace(start, block);
    used_ += range.length;
  } else if (block->pins == 0) {
    lru_.erase(block->lru);
  }
  if (block->pins++ == 0) pinned_ += block->range.length;
  return block;
}

void BlockTable::Unpin(Block& block) {
  if (--block.pins > 0) return;
  pinned_ -= block.range.length;
  if (!block.in_table) {
    used_ -= block.range.length;
    return;
  }
  block.lru = lru_.insert(lru_.end(), &block);
  if (block.valid.empty()) Detach(block);
}

void BlockTable::Drop(BlockFileId file) {
  const auto blocks = files_.find(file);
  if (blocks == files_.end()) return;
  for (const auto& [offset, block] : blocks->second) {
    block->in_table = false;
    if (block->pins > 0) continue;
    lru_.erase(block->lru);
    used_ -= block->range.length;
  }
  files_.erase(blocks);
}

void BlockTable::Charge(ByteCount bytes) {
  MakeRoom(bytes);
  used_ += bytes;
}

bool BlockTable::MakeRoom(ByteCount bytes) {
  while (used_ + bytes > budget_ && !lru_.empty()) Detach(*lru_.front());
  return used_ + bytes <= budget_;
}

void BlockTable::Detach(Block& block) {
  if (!std::exchange(block.in_table, false)) return;
  if (block.pins == 0) {
    lru_.erase(block.lru);
    used_ -= block.range.length;
  }
  const auto blocks = files_.find(block.file);
  const ByteCount start = block.range.offset;
  blocks->second.erase(start);  // The block may be gone after this.
  if (blocks->second.empty()) files_.erase(blocks);
}

}  // namespace cosfuse
