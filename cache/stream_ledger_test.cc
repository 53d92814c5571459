#include "cache/stream_ledger.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace cosfuse {
namespace {

// Parts of 8 bytes, of 5 at least.
constexpr UploadLimits kTinyLimits{
    .smallest_part = 5, .largest_part = 1000, .most_parts = 100, .largest_object = 10'000, .part_multiple = 4};
constexpr ByteCount kTinyPart = 8;

class StreamLedgerTest : public testing::Test {
 protected:
  /// Takes parts as a writer in sequence that has come so far lets them go, and has all of them arrive.
  void Arrive(ByteCount written) {
    while (const auto part = ledger_.TakeNext(written, false))
      ledger_.OnSent(part->number, {.number = part->number, .etag = {}});
  }
  std::vector<bool> Stale() const {
    std::vector<bool> stale;
    for (const EarlyPart& part : ledger_.parts()) stale.push_back(part.stale);
    return stale;
  }

  StreamLedger ledger_{0, kTinyPart, kTinyLimits};
};

struct StartCase {
  ByteRange written;
  std::optional<ByteCount> start;
};

TEST(StreamLedgerStart, IsWhereEnoughIsWrittenInSequence) {
  const std::vector<StartCase> cases = {
      {{0, 8}, std::nullopt},  // One part: one request will do.
      {{0, 9}, 0},
      {{5, 9}, 5},             // What is before is enough for a part.
      {{3, 9}, std::nullopt},  // It is not: the first part would begin later,
      {{3, 11}, 5},            // and is full here.
      {{100, 9}, 100},
  };
  for (const StartCase& each : cases) {
    EXPECT_EQ(StreamLedger::FindStart(each.written, kTinyPart, kTinyLimits), each.start)
        << each.written.offset << "+" << each.written.length;
  }
}

TEST_F(StreamLedgerTest, APartLeavesWhenTheWriterIsPastIt) {
  EXPECT_FALSE(ledger_.TakeNext(8, false));
  const auto part = ledger_.TakeNext(9, false);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->number, 1);
  EXPECT_EQ(part->range, (ByteRange{0, 8}));
  EXPECT_FALSE(ledger_.TakeNext(16, false));
  EXPECT_EQ(ledger_.end(), 8u);
}

TEST_F(StreamLedgerTest, APartOnItsWayCountsAsStaleUntilItHasArrived) {
  ASSERT_TRUE(ledger_.TakeNext(20, false));
  EXPECT_EQ(Stale(), std::vector<bool>{true});
  ledger_.OnSent(1, {.number = 1, .etag = {"e"}});
  EXPECT_EQ(Stale(), std::vector<bool>{false});
  EXPECT_EQ(ledger_.SentPart(1).etag.value, "e");
  EXPECT_EQ(ledger_.arrived(), (std::vector<ByteRange>{{0, 8}}));
}

TEST_F(StreamLedgerTest, Pitfall4_AWriteMakesThePartsThatItTouchesStale) {
  Arrive(33);
  ledger_.OnWrite({15, 2});
  EXPECT_EQ(Stale(), (std::vector<bool>{false, true, true, false}));
}

TEST_F(StreamLedgerTest, Pitfall4_APartThatIsRewrittenOnItsWayArrivesStale) {
  ASSERT_TRUE(ledger_.TakeNext(20, false));
  ledger_.OnWrite({3, 1});
  ledger_.OnSent(1, {.number = 1, .etag = {}});
  EXPECT_EQ(Stale(), std::vector<bool>{true});
}

TEST_F(StreamLedgerTest, WhoRewritesOftenDoesNotWriteInSequence) {
  Arrive(65);
  for (const ByteCount at : {0u, 8u, 16u, 24u}) ledger_.OnWrite({at, 1});
  EXPECT_FALSE(ledger_.TakeNext(100, false));
  EXPECT_TRUE(ledger_.TakeNext(100, true)) << "but what is needed is room";
}

TEST_F(StreamLedgerTest, Pitfall8_ATruncationTakesBackWhatReachesBeyondIt) {
  Arrive(33);
  ledger_.OnTruncate(17);
  EXPECT_EQ(ledger_.parts().size(), 2u);
  EXPECT_EQ(ledger_.end(), 16u);
  EXPECT_TRUE(ledger_.TakeNext(30, false)) << "the next ones may leave";
}

TEST_F(StreamLedgerTest, Pitfall8_NoPartTakesANumberUnderWhichAnotherMayStillArrive) {
  ASSERT_TRUE(ledger_.TakeNext(20, false));
  ledger_.OnTruncate(3);
  EXPECT_TRUE(ledger_.empty());
  EXPECT_FALSE(ledger_.TakeNext(20, true));
  ledger_.OnSent(1, {.number = 1, .etag = {}});
  EXPECT_TRUE(ledger_.empty());
}

TEST_F(StreamLedgerTest, AFailureMakesAPartStale) {
  ASSERT_TRUE(ledger_.TakeNext(20, false));
  ledger_.OnFailed(1);
  EXPECT_EQ(Stale(), std::vector<bool>{true});
}

TEST_F(StreamLedgerTest, TouchedIsTheStretchOfWholeParts) {
  Arrive(33);
  EXPECT_EQ(ledger_.Touched({9, 10}), (ByteRange{8, 16}));
  EXPECT_TRUE(ledger_.Touched({32, 5}).empty());
}

TEST(StreamLedgerNumbers, BehindAPrefixTheyLeaveRoomForIt) {
  StreamLedger ledger(20, kTinyPart, kTinyLimits);
  EXPECT_EQ(ledger.TakeNext(100, false)->number, FirstEarlyPartNumber(20, kTinyLimits));
}

}  // namespace
}  // namespace cosfuse
