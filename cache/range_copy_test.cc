#include "cache/range_copy.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

constexpr ByteCount kLeast = 5 * kMiB;

/// The whole of a large stored file into an empty one.
RangeCopy WholeCopy() {
  return {.source_size = 64 * kMiB,
          .from = 0,
          .to = 0,
          .length = 64 * kMiB,
          .target_size = 0,
          .source_is_stored = true,
          .target_is_source_prefix = false};
}

TEST(RangeCopy, TheWholeOfAStoredFileIsTakenOver) { EXPECT_EQ(DecideRangeCopy(WholeCopy(), kLeast), 64 * kMiB); }

TEST(RangeCopy, APieceIsCutAtTheEndOfTheSource) {
  RangeCopy copy = WholeCopy();
  copy.length = 1000 * kMiB;
  EXPECT_EQ(DecideRangeCopy(copy, kLeast), 64 * kMiB);
}

TEST(RangeCopy, APieceThatContinuesTheCopyIsTakenOver) {
  RangeCopy copy = WholeCopy();
  copy.from = copy.to = copy.target_size = 10 * kMiB + 7;
  copy.length = kMiB;
  copy.target_is_source_prefix = true;
  EXPECT_EQ(DecideRangeCopy(copy, kLeast), kMiB);
  copy.target_is_source_prefix = false;
  EXPECT_EQ(DecideRangeCopy(copy, kLeast), std::nullopt);
}

TEST(RangeCopy, AtTheEndOfTheSourceThereIsNothingLeft) {
  RangeCopy copy = WholeCopy();
  copy.from = copy.to = copy.target_size = copy.source_size;
  copy.target_is_source_prefix = true;
  EXPECT_EQ(DecideRangeCopy(copy, kLeast), 0U);
}

TEST(RangeCopy, WhatIsNotOneStoredVersionIsReadAndWritten) {
  RangeCopy copy = WholeCopy();
  copy.source_is_stored = false;
  EXPECT_EQ(DecideRangeCopy(copy, kLeast), std::nullopt);
}

TEST(RangeCopy, ASmallSourceIsReadAndWritten) {
  RangeCopy copy = WholeCopy();
  copy.source_size = kLeast - 1;
  EXPECT_EQ(DecideRangeCopy(copy, kLeast), std::nullopt);
  copy.source_size = kLeast;
  EXPECT_EQ(DecideRangeCopy(copy, kLeast), kLeast);
}

TEST(RangeCopy, OtherOffsetsAreReadAndWritten) {
  struct Row {
    ByteCount from, to, target_size;
  };
  for (const Row row : {Row{kMiB, 0, 0}, Row{0, kMiB, 0}, Row{0, kMiB, kMiB}, Row{kMiB, kMiB, 0}, Row{0, 0, kMiB},
                        Row{kMiB, kMiB, 2 * kMiB}}) {
    RangeCopy copy = WholeCopy();
    copy.from = row.from;
    copy.to = row.to;
    copy.target_size = row.target_size;
    copy.target_is_source_prefix = true;
    EXPECT_EQ(DecideRangeCopy(copy, kLeast), std::nullopt) << row.from << " " << row.to << " " << row.target_size;
  }
}

}  // namespace
}  // namespace cosfuse
