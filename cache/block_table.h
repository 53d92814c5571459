#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <unordered_map>

#include "base/byte_range.h"
#include "cache/extent_map.h"

namespace cosfuse {

/// Names one open file in the block cache; never used twice.
using BlockFileId = uint64_t;

inline constexpr ByteCount kBlockSize = kMiB;

/// One aligned MiB of one version of an object (less at its end), filled in pieces. Bytes in `valid` never change any
/// more; so who holds the block may read them without a lock, while others are still being filled in.
struct Block {
  Block(BlockFileId owner, ByteRange whole);

  const BlockFileId file;
  const ByteRange range;  ///< In the object.
  const std::unique_ptr<std::byte[]> bytes;
  ExtentMap valid;  ///< Places in the object.

  std::byte* At(ByteCount offset) const { return bytes.get() + (offset - range.offset); }

 private:
  friend class BlockTable;
  size_t pins = 0;
  bool in_table = true;
  bool unread = false;
  std::list<Block*>::iterator place;  // In one of the table's lists; valid while in the table without pins.
};

/// The blocks of all files under one byte budget. A data structure without threads or locks: the caller guards it.
///
/// A pinned block is being filled and stays. Of the others those go first that somebody has read, the least recently
/// used first; then those that read-ahead has brought and nobody has read yet. A block that is dropped lives on with
/// those who hold it; while pinned it still counts.
class BlockTable {
 public:
  explicit BlockTable(ByteCount budget) : budget_(budget) {}

  ByteCount budget() const { return budget_; }
  ByteCount used() const { return used_; }
  ByteCount pinned() const { return pinned_; }
  /// Bytes of blocks that were made for read-ahead, and that nobody has read yet.
  ByteCount unread() const { return unread_; }

  /// The block that holds `offset`; null where there is none.
  std::shared_ptr<Block> Find(BlockFileId file, ByteCount offset) const;
  /// Somebody reads the block: it is the most recently used one.
  void Touch(Block& block);
  /// The block that holds `offset`, pinned, and made if there is none; `size` is the object's, `ahead` says that nobody
  /// waits for it yet. Null if the budget is taken by pinned blocks and charges.
  std::shared_ptr<Block> Pin(BlockFileId file, ByteCount offset, ByteCount size, bool ahead);
  /// Ends one Pin. A block that holds nothing valid is dropped.
  void Unpin(Block& block);
  /// Drops one block.
  void Detach(Block& block);
  /// Drops all blocks of a file.
  void Drop(BlockFileId file);

  /// Counts bytes that live elsewhere against the budget; blocks make room as far as they can.
  void Charge(ByteCount bytes);
  void Discharge(ByteCount bytes) { used_ -= bytes; }

 private:
  using FileBlocks = std::map<ByteCount, std::shared_ptr<Block>>;  // By offset.

  std::list<Block*>& ListOf(const Block& block) { return block.unread ? unread_blocks_ : read_blocks_; }
  void ClearUnread(Block& block);
  bool MakeRoom(ByteCount bytes);

  const ByteCount budget_;
  ByteCount used_ = 0;
  ByteCount pinned_ = 0;
  ByteCount unread_ = 0;
  std::unordered_map<BlockFileId, FileBlocks> files_;
  // Least recently used first; pinned blocks are in neither.
  std::list<Block*> read_blocks_;
  std::list<Block*> unread_blocks_;
};

}  // namespace cosfuse
