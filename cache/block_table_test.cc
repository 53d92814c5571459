#include "cache/block_table.h"

#include <gtest/gtest.h>

#include <memory>

namespace cosfuse {
namespace {

constexpr ByteCount kObject = 100 * kMiB;

// A block as a finished fetch leaves it.
std::shared_ptr<Block> Fill(BlockTable& table, BlockFileId file, ByteCount offset, ByteCount size = kObject,
                            bool ahead = false) {
  auto block = table.Pin(file, offset, size, ahead);
  if (block == nullptr) return nullptr;
  block->valid.Insert(block->range);
  table.Unpin(*block);
  return block;
}

TEST(BlockTable, FindsABlockByAnyOfItsBytes) {
  BlockTable table(10 * kMiB);
  const auto block = Fill(table, 1, 2 * kMiB);
  EXPECT_EQ(table.Find(1, 2 * kMiB + 77), block);
  EXPECT_EQ(table.Find(1, 3 * kMiB), nullptr);
  EXPECT_EQ(table.Find(2, 2 * kMiB), nullptr);
}

TEST(BlockTable, TheLastBlockOfAnObjectCountsItsLength) {
  BlockTable table(10 * kMiB);
  Fill(table, 1, 0, 1000);
  EXPECT_EQ(table.used(), 1000u);
}

TEST(BlockTable, TheLeastRecentlyUsedGoesFirst) {
  BlockTable table(2 * kMiB);
  Fill(table, 1, 0);
  Fill(table, 1, kMiB);
  table.Touch(*table.Find(1, 0));
  Fill(table, 2, 0);
  EXPECT_NE(table.Find(1, 0), nullptr);
  EXPECT_EQ(table.Find(1, kMiB), nullptr);
  EXPECT_EQ(table.used(), 2 * kMiB);
}

TEST(BlockTable, WhatReadAheadHasBroughtStaysLongerThanWhatWasRead) {
  BlockTable table(2 * kMiB);
  const auto ahead = Fill(table, 1, 0, kObject, true);
  EXPECT_EQ(table.unread(), kMiB);
  const auto read = Fill(table, 1, kMiB);
  table.Touch(*read);
  Fill(table, 2, 0);
  EXPECT_EQ(table.Find(1, 0), ahead);
  EXPECT_EQ(table.Find(1, kMiB), nullptr);
  table.Touch(*ahead);
  EXPECT_EQ(table.unread(), 0u);
  table.Touch(*table.Find(2, 0));
  Fill(table, 2, kMiB);
  EXPECT_EQ(table.Find(1, 0), nullptr);
}

TEST(BlockTable, DroppedBlocksAreNoLongerUnread) {
  BlockTable table(2 * kMiB);
  Fill(table, 1, 0, kObject, true);
  const auto pinned = table.Pin(1, kMiB, kObject, true);
  EXPECT_EQ(table.unread(), 2 * kMiB);
  table.Drop(1);
  EXPECT_EQ(table.unread(), 0u);
  table.Touch(*pinned);
  table.Unpin(*pinned);
  EXPECT_EQ(table.used(), 0u);
}

TEST(BlockTable, PinnedBlocksStay) {
  BlockTable table(2 * kMiB);
  const auto pinned = table.Pin(1, 0, kObject, false);
  Fill(table, 1, kMiB);
  Fill(table, 1, 2 * kMiB);
  EXPECT_EQ(table.Find(1, 0), pinned);
  ASSERT_NE(table.Pin(1, 3 * kMiB, kObject, false), nullptr);
  EXPECT_EQ(table.Pin(1, 4 * kMiB, kObject, false), nullptr) << "the whole budget is pinned";
  EXPECT_EQ(table.pinned(), 2 * kMiB);
}

TEST(BlockTable, ABlockIsPinnedUntilTheLastPinEnds) {
  BlockTable table(kMiB);
  const auto block = table.Pin(1, 0, kObject, false);
  table.Pin(1, 0, kObject, false);
  block->valid.Insert({0, 10});
  table.Unpin(*block);
  EXPECT_EQ(table.Pin(2, 0, kObject, false), nullptr);
  table.Unpin(*block);
  EXPECT_NE(table.Pin(2, 0, kObject, false), nullptr);
}

TEST(BlockTable, ABlockWithoutBytesIsDroppedWhenUnpinned) {
  BlockTable table(kMiB);
  table.Unpin(*table.Pin(1, 0, kObject, false));
  EXPECT_EQ(table.Find(1, 0), nullptr);
  EXPECT_EQ(table.used(), 0u);
}

TEST(BlockTable, DroppingAFileFreesItAndKeepsPinnedMemoryCounted) {
  BlockTable table(4 * kMiB);
  Fill(table, 1, 0);
  const auto pinned = table.Pin(1, kMiB, kObject, false);
  const auto other = Fill(table, 2, 0);
  table.Drop(1);
  EXPECT_EQ(table.Find(1, 0), nullptr);
  EXPECT_EQ(table.Find(1, kMiB), nullptr);
  EXPECT_EQ(table.Find(2, 0), other);
  EXPECT_EQ(table.used(), 2 * kMiB);
  table.Unpin(*pinned);
  EXPECT_EQ(table.used(), kMiB);
  EXPECT_EQ(table.pinned(), 0u);
}

TEST(BlockTable, ChargesMakeBlocksGo) {
  BlockTable table(2 * kMiB);
  Fill(table, 1, 0);
  Fill(table, 1, kMiB);
  table.Charge(1);
  EXPECT_EQ(table.Find(1, 0), nullptr);
  EXPECT_EQ(table.used(), kMiB + 1);
  table.Charge(5 * kMiB);
  EXPECT_EQ(table.Pin(1, 0, kObject, false), nullptr);
  table.Discharge(5 * kMiB + 1);
  EXPECT_EQ(table.used(), 0u);
}

}  // namespace
}  // namespace cosfuse
