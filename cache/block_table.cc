#include "cache/block_table.h"

#include <algorithm>
#include <utility>

namespace cosfuse {
namespace {

ByteCount BlockStart(ByteCount offset) { return offset / kBlockSize * kBlockSize; }

}  // namespace

Block::Block(BlockFileId owner, ByteRange whole)
    : file(owner), range(whole), bytes(std::make_unique_for_overwrite<std::byte[]>(whole.length)) {}

std::shared_ptr<Block> BlockTable::Find(BlockFileId file, ByteCount offset) const {
  const auto blocks = files_.find(file);
  if (blocks == files_.end()) return nullptr;
  const auto found = blocks->second.find(BlockStart(offset));
  return found == blocks->second.end() ? nullptr : found->second;
}

void BlockTable::Touch(Block& block) {
  if (!block.in_table) return;
  if (block.pins > 0) return ClearUnread(block);
  auto& list = ListOf(block);
  ClearUnread(block);
  read_blocks_.splice(read_blocks_.end(), list, block.place);
}

void BlockTable::ClearUnread(Block& block) {
  if (std::exchange(block.unread, false)) unread_ -= block.range.length;
}

std::shared_ptr<Block> BlockTable::Pin(BlockFileId file, ByteCount offset, ByteCount size, bool ahead) {
  auto block = Find(file, offset);
  if (block == nullptr) {
    const ByteCount start = BlockStart(offset);
    const ByteRange range = ByteRange{start, kBlockSize}.Intersect({0, size});
    if (!MakeRoom(range.length)) return nullptr;
    block = std::make_shared<Block>(file, range);
    files_[file].emplace(start, block);
    used_ += range.length;
    block->unread = ahead;
    if (ahead) unread_ += range.length;
  } else if (block->pins == 0) {
    ListOf(*block).erase(block->place);
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
  auto& list = ListOf(block);
  block.place = list.insert(list.end(), &block);
  if (block.valid.empty()) Detach(block);
}

void BlockTable::Detach(Block& block) {
  if (!block.in_table) return;
  if (block.pins == 0) {
    ListOf(block).erase(block.place);
    used_ -= block.range.length;
  }
  block.in_table = false;
  ClearUnread(block);
  const auto blocks = files_.find(block.file);
  const ByteCount start = block.range.offset;
  blocks->second.erase(start);  // The block may be gone after this.
  if (blocks->second.empty()) files_.erase(blocks);
}

void BlockTable::Drop(BlockFileId file) {
  for (auto blocks = files_.find(file); blocks != files_.end(); blocks = files_.find(file)) {
    Detach(*blocks->second.begin()->second);
  }
}

void BlockTable::Charge(ByteCount bytes) {
  MakeRoom(bytes);
  used_ += bytes;
}

bool BlockTable::MakeRoom(ByteCount bytes) {
  for (auto* list : {&read_blocks_, &unread_blocks_}) {
    while (used_ + bytes > budget_ && !list->empty()) Detach(*list->front());
  }
  return used_ + bytes <= budget_;
}

}  // namespace cosfuse
