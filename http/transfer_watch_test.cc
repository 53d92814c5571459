#include "http/transfer_watch.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = TransferWatch::Verdict;

constexpr MonotonicTime kStart{seconds(1000)};

TEST(TransferWatch, WithoutProgressItStallsAtTheLimit) {
  TransferWatch watch({.stall = seconds(20)}, kStart);
  EXPECT_EQ(watch.Observe({}, kStart + milliseconds(19'999)), Verdict::kGoOn);
  EXPECT_EQ(watch.Observe({}, kStart + seconds(20)), Verdict::kStalled);
}

TEST(TransferWatch, AnyKindOfProgressRenewsTheLimit) {
  for (const TransferProgress& progress :
       {TransferProgress{.uploaded = 1}, TransferProgress{.downloaded = 1}, TransferProgress{.head_bytes = 1},
        TransferProgress{.head_complete = true}}) {
    TransferWatch watch({.stall = seconds(20)}, kStart);
    EXPECT_EQ(watch.Observe(progress, kStart + seconds(15)), Verdict::kGoOn);
    EXPECT_EQ(watch.Observe(progress, kStart + seconds(34)), Verdict::kGoOn);
    EXPECT_EQ(watch.Observe(progress, kStart + seconds(35)), Verdict::kStalled);
  }
}

TEST(TransferWatch, ASlowTransferThatMovesNeverStalls) {
  TransferWatch watch({.stall = seconds(2)}, kStart);
  for (ByteCount i = 1; i <= 100; ++i) {
    EXPECT_EQ(watch.Observe({.downloaded = i}, kStart + seconds(i)), Verdict::kGoOn);
  }
}

TEST(TransferWatch, TheAllowanceHoldsUntilTheHeadIsThere) {
  TransferWatch watch({.stall = seconds(20), .answer_allowance = seconds(100)}, kStart);
  EXPECT_EQ(watch.Observe({}, kStart + seconds(119)), Verdict::kGoOn);
  const TransferProgress head{.head_bytes = 100, .head_complete = true};
  EXPECT_EQ(watch.Observe(head, kStart + seconds(119)), Verdict::kGoOn);
  EXPECT_EQ(watch.Observe(head, kStart + seconds(139)), Verdict::kStalled);
}

TEST(TransferWatch, TheDeadlineHoldsWhateverMoves) {
  TransferWatch watch({.deadline = kStart + seconds(5), .stall = seconds(20)}, kStart);
  EXPECT_EQ(watch.Observe({.downloaded = 1}, kStart + milliseconds(4'999)), Verdict::kGoOn);
  EXPECT_EQ(watch.Observe({.downloaded = 2}, kStart + seconds(5)), Verdict::kDeadlinePassed);
}

TEST(TransferWatch, NextCheckIsTheEarliestOfSampleStallAndDeadline) {
  EXPECT_EQ(TransferWatch({.stall = seconds(20)}, kStart).NextCheck(kStart), kStart + seconds(1));
  EXPECT_EQ(TransferWatch({.stall = milliseconds(80)}, kStart).NextCheck(kStart), kStart + milliseconds(10));
  EXPECT_EQ(TransferWatch({.stall = seconds(20)}, kStart).NextCheck(kStart + milliseconds(19'500)),
            kStart + seconds(20));
  EXPECT_EQ(TransferWatch({.deadline = kStart + milliseconds(5), .stall = seconds(20)}, kStart).NextCheck(kStart),
            kStart + milliseconds(5));
}

}  // namespace
}  // namespace cosfuse
