#include "cache/block_cache.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "base/random.h"
#include "base/thread.h"
#include "cache/file_cache_fixture.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"

namespace cosfuse {
namespace {

using namespace std::chrono_literals;

class BlockCacheTest : public testing::Test {
 protected:
  void Use(ByteCount memory_budget) {
    cache_ = std::make_unique<BlockCache>(BlockCache::Options{.memory_budget = memory_budget, .read_ahead = {}},
                                          faulty_, clock_);
  }
  void SetUp() override { Use(64 * kMiB); }

  BaseVersion Put(const std::string& key, const std::string& content) {
    return {key, store_.SetObject(key, content), content.size()};
  }
  Result<std::string> Read(BlockFileId id, ByteCount offset, size_t length, const OpContext& context = {}) {
    std::string out(length, '?');
    RETURN_IF_ERROR(cache_->Read(context, id, stream_, offset, std::as_writable_bytes(std::span(out))));
    return out;
  }
  ErrorCode CodeOfRead(BlockFileId id, ByteCount offset, size_t length, const OpContext& context = {}) {
    const auto result = Read(id, offset, length, context);
    return result ? ErrorCode::kInternal : result.error().code();
  }
  // Until the calls that read-ahead made have ended.
  void WaitUntilHanging(int calls) {
    while (faulty_.hanging() < calls) sched_yield();
  }

  FakeClock clock_;
  FakeObjectStore store_{clock_};
  FaultyObjectStore faulty_{store_, clock_};
  ReadAhead stream_;
  std::unique_ptr<BlockCache> cache_;
};

TEST_F(BlockCacheTest, ReadsWhatTheObjectHolds) {
  const std::string content = RandomText(3 * kMiB + 123, 1);
  const BlockFileId id = cache_->Open(Put("k", content));
  EXPECT_EQ(Read(id, 0, content.size()), content);
  EXPECT_EQ(Read(id, kMiB - 5, 10), content.substr(kMiB - 5, 10));
  cache_->Close(id);
}

TEST_F(BlockCacheTest, ASecondReadCostsNoRequest) {
  const BlockFileId id = cache_->Open(Put("k", RandomText(500'000, 2)));
  ASSERT_TRUE(Read(id, 0, 4096));
  ASSERT_TRUE(Read(id, 400'000, 100'000));
  EXPECT_EQ(store_.Count(StoreOperation::kGet), 1u);
  cache_->Close(id);
}

TEST_F(BlockCacheTest, SequentialReadsFetchEachByteOnce) {
  const std::string content = RandomText(12 * kMiB, 3);
  const BlockFileId id = cache_->Open(Put("k", content));
  for (ByteCount at = 0; at < content.size(); at += 128 * kKiB) {
    ASSERT_EQ(Read(id, at, 128 * kKiB), content.substr(at, 128 * kKiB));
  }
  cache_->Close(id);
  ByteCount fetched = 0;
  for (const auto& operation : store_.operations()) fetched += operation.range.length;
  EXPECT_EQ(fetched, content.size());
  EXPECT_LE(store_.Count(StoreOperation::kGet), 12 / 4 + 5u);
}

TEST_F(BlockCacheTest, ARandomReadMovesAtMostOneMiB) {
  const BlockFileId id = cache_->Open(Put("k", RandomText(8 * kMiB, 4)));
  ASSERT_TRUE(Read(id, 5 * kMiB, 4096));
  ASSERT_EQ(store_.Count(StoreOperation::kGet), 1u);
  EXPECT_LE(store_.operations().front().range.length, kMiB);
  cache_->Close(id);
}

TEST_F(BlockCacheTest, ReadsUnderMemoryPressureAreStillRight) {
  const std::string content = RandomText(10 * kMiB, 5);
  for (const ByteCount budget : {ByteCount{0}, kMiB, 2 * kMiB, 3 * kMiB}) {
    SCOPED_TRACE(budget);
    Use(budget);
    const BlockFileId id = cache_->Open(Put("k", content));
    ReadAhead stream;
    stream_ = stream;
    for (ByteCount at = 0; at < content.size(); at += 300'000) {
      const size_t length = std::min<size_t>(300'000, content.size() - at);
      ASSERT_EQ(Read(id, at, length), content.substr(at, length));
    }
    EXPECT_LE(cache_->used(), budget);
    cache_->Close(id);
  }
}

TEST_F(BlockCacheTest, AContextThatMayNotWaitGetsHitsOnly) {
  const std::string content = RandomText(100'000, 6);
  const BlockFileId id = cache_->Open(Put("k", content));
  EXPECT_EQ(CodeOfRead(id, 0, 100, OpContext::Immediate()), ErrorCode::kWouldWait);
  EXPECT_EQ(store_.count(), 0u);
  ASSERT_TRUE(Read(id, 0, content.size()));
  EXPECT_EQ(Read(id, 0, content.size(), OpContext::Immediate()), content);
  cache_->Close(id);
}

TEST_F(BlockCacheTest, Pitfall23_AnOverwrittenObjectIsStaleAndLosesItsBlocks) {
  const std::string content = RandomText(8 * kMiB, 7);
  const BlockFileId id = cache_->Open(Put("k", content));
  ASSERT_TRUE(Read(id, 0, 100));
  store_.SetObject("k", RandomText(8 * kMiB, 8));
  EXPECT_EQ(CodeOfRead(id, 7 * kMiB, 100), ErrorCode::kStale);
  EXPECT_EQ(CodeOfRead(id, 0, 100, OpContext::Immediate()), ErrorCode::kWouldWait);
  cache_->Close(id);
}

TEST_F(BlockCacheTest, ADeletedObjectIsStale) {
  const BlockFileId id = cache_->Open(Put("k", "content"));
  store_.RemoveObject("k");
  EXPECT_EQ(CodeOfRead(id, 0, 7), ErrorCode::kStale);
  cache_->Close(id);
}

TEST_F(BlockCacheTest, Pitfall18_ABrokenTransferIsAnErrorAndNeverZeros) {
  const std::string content = RandomText(300'000, 9);
  const BlockFileId id = cache_->Open(Put("k", content));
  for (const ByteCount arrived : {ByteCount{0}, ByteCount{1}, ByteCount{4095}, 64 * kKiB, ByteCount{299'999}}) {
    SCOPED_TRACE(arrived);
    cache_->Replace(id, {"k", store_.GetInfo("k")->etag, content.size()});
    faulty_.SetMidwayBytes(arrived);
    faulty_.FailNext(StoreOperation::kGet, Error(ErrorCode::kUnavailable, "reset"), FaultyObjectStore::kAlways,
                     FaultPoint::kMidway);
    stream_ = ReadAhead();
    std::string out(content.size(), '?');
    const auto result = cache_->Read({}, id, stream_, 0, std::as_writable_bytes(std::span(out)));
    // Some bytes arrive each time, so that a read that looks often enough gets all of them.
    EXPECT_TRUE(result ? out == content : result.error().code() == ErrorCode::kUnavailable);
    faulty_.ClearFaults();
    EXPECT_EQ(Read(id, 0, content.size()), content) << "the next read fetches what is missing";
  }
  cache_->Close(id);
}

TEST_F(BlockCacheTest, ReadersOfOneRangeShareOneFetch) {
  const std::string content = RandomText(kMiB, 10);
  const BlockFileId id = cache_->Open(Put("k", content));
  faulty_.StopAnswering();
  {
    std::vector<Thread> readers;
    readers.reserve(8);
    for (int i = 0; i < 8; ++i) {
      readers.emplace_back("reader", [&] {
        ReadAhead stream;
        std::string out(content.size(), '?');
        EXPECT_TRUE(cache_->Read({}, id, stream, 0, std::as_writable_bytes(std::span(out))));
        EXPECT_EQ(out, content);
      });
    }
    WaitUntilHanging(1);
    faulty_.Answer();
  }
  EXPECT_EQ(store_.Count(StoreOperation::kGet), 1u);
  cache_->Close(id);
}

TEST_F(BlockCacheTest, ACancelledReaderLeavesAndOthersAreServed) {
  const std::string content = RandomText(8 * kMiB, 11);
  const BlockFileId id = cache_->Open(Put("k", content));
  faulty_.StopAnswering();
  const auto cancellation = std::make_shared<Cancellation>();
  {
    std::atomic<bool> left = false;
    const Thread impatient("impatient", [&] {
      ReadAhead stream;
      std::string out(100, '?');
      const auto result = cache_->Read(OpContext().WithCancellation(cancellation), id, stream, 5 * kMiB,
                                       std::as_writable_bytes(std::span(out)));
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().code(), ErrorCode::kCancelled);
      left = true;
    });
    WaitUntilHanging(1);
    const Thread patient("patient", [&] {
      ReadAhead stream;
      std::string out(100, '?');
      EXPECT_TRUE(cache_->Read({}, id, stream, 5 * kMiB, std::as_writable_bytes(std::span(out))));
      EXPECT_EQ(out, content.substr(5 * kMiB, 100));
    });
    cancellation->Cancel();
    while (!left) sched_yield();
    faulty_.Answer();
  }
  cache_->Close(id);
}

TEST_F(BlockCacheTest, AFetchThatNobodyWaitsForAnyMoreIsCancelled) {
  const BlockFileId id = cache_->Open(Put("k", RandomText(8 * kMiB, 12)));
  faulty_.StopAnswering();
  const auto cancellation = std::make_shared<Cancellation>();
  {
    const Thread reader("reader", [&] {
      EXPECT_EQ(CodeOfRead(id, 5 * kMiB, 100, OpContext().WithCancellation(cancellation)), ErrorCode::kCancelled);
    });
    WaitUntilHanging(1);
    cancellation->Cancel();
  }
  while (faulty_.hanging() > 0) sched_yield();
  faulty_.Answer();
  EXPECT_TRUE(Read(id, 5 * kMiB, 100));
  cache_->Close(id);
}

TEST_F(BlockCacheTest, AReaderOutOfTimeLeaves) {
  SystemClock real_clock;
  cache_ = std::make_unique<BlockCache>(BlockCache::Options{}, faulty_, real_clock);
  const BlockFileId id = cache_->Open(Put("k", "content"));
  faulty_.StopAnswering();
  EXPECT_EQ(CodeOfRead(id, 0, 7, OpContext().WithDeadline(real_clock.Now() + 20ms)), ErrorCode::kTimedOut);
  faulty_.Answer();
  cache_->Close(id);
}

TEST_F(BlockCacheTest, ASmallReadDoesNotWaitForTheWholeGet) {
  const std::string content = RandomText(kMiB, 13);
  const BlockFileId id = cache_->Open(Put("k", content));
  faulty_.SetMidwayBytes(kMiB / 2);
  faulty_.FailNext(StoreOperation::kGet, Error(ErrorCode::kTimedOut, "stalled"), 1, FaultPoint::kMidway);
  EXPECT_EQ(Read(id, 0, 4096), content.substr(0, 4096));
  cache_->Close(id);
}

TEST_F(BlockCacheTest, RebaseKeepsBlocksAndFetchesFromTheNewName) {
  const std::string content = RandomText(8 * kMiB, 14);
  const BlockFileId id = cache_->Open(Put("old", content));
  ASSERT_TRUE(Read(id, 0, 1000));
  cache_->Rebase(id, Put("new", content));
  store_.RemoveObject("old");
  EXPECT_EQ(Read(id, 0, 1000, OpContext::Immediate()), content.substr(0, 1000));
  EXPECT_EQ(Read(id, 6 * kMiB, 1000), content.substr(6 * kMiB, 1000));
  cache_->Close(id);
}

TEST_F(BlockCacheTest, AFetchOfTheOldNameIsRepeatedUnderTheNewOne) {
  const std::string content = RandomText(8 * kMiB, 15);
  const BlockFileId id = cache_->Open(Put("old", content));
  faulty_.StopAnswering();
  {
    const Thread reader("reader", [&] { EXPECT_EQ(Read(id, 5 * kMiB, 100), content.substr(5 * kMiB, 100)); });
    WaitUntilHanging(1);
    cache_->Rebase(id, Put("new", content));
    store_.RemoveObject("old");
    faulty_.Answer();
  }
  cache_->Close(id);
}

TEST_F(BlockCacheTest, ReplaceDropsBlocks) {
  const BlockFileId id = cache_->Open(Put("k", "old content"));
  ASSERT_TRUE(Read(id, 0, 11));
  cache_->Replace(id, Put("k", "new content!"));
  EXPECT_EQ(Read(id, 0, 12), "new content!");
  cache_->Close(id);
}

TEST_F(BlockCacheTest, Pitfall10_AReadThatMeetsAShorterVersionEnds) {
  const std::string text = RandomText(4 * kMiB, 17);
  const BlockFileId id = cache_->Open(Put("k", text));
  faulty_.StopAnswering();
  {
    // It asks for more of the long version than the short one has, to which it comes back.
    const Thread reader("reader", [&] { EXPECT_TRUE(Read(id, 0, 10) == text.substr(0, 10)); });
    WaitUntilHanging(1);
    cache_->Replace(id, Put("k", text.substr(0, 100)));
    faulty_.Answer();
  }
  cache_->Close(id);
}

TEST_F(BlockCacheTest, ClosingEndsReadAhead) {
  const BlockFileId id = cache_->Open(Put("k", RandomText(8 * kMiB, 16)));
  ASSERT_TRUE(Read(id, 0, 4096));
  faulty_.StopAnswering();
  for (ByteCount at = 4096; at < kMiB; at += 64 * kKiB) ASSERT_TRUE(Read(id, at, 1));
  WaitUntilHanging(1);
  cache_->Close(id);
  while (faulty_.hanging() > 0) sched_yield();
  cache_.reset();
}

TEST_F(BlockCacheTest, BeyondTheEndIsRefused) {
  const BlockFileId id = cache_->Open(Put("k", "12345"));
  EXPECT_EQ(CodeOfRead(id, 3, 3), ErrorCode::kInvalidArgument);
  cache_->Close(id);
}

TEST_F(BlockCacheTest, ChargesCountAgainstTheBudgetUntilTheyGo) {
  Use(kMiB);
  const BlockFileId id = cache_->Open(Put("k", RandomText(kMiB, 17)));
  auto charge = cache_->Charge(1000);
  EXPECT_EQ(cache_->used(), 1000u);
  EXPECT_TRUE(Read(id, 0, kMiB)) << "without room the read goes past the cache";
  EXPECT_EQ(cache_->used(), 1000u);
  charge.reset();
  EXPECT_EQ(cache_->used(), 0u);
  cache_->Close(id);
}

// Readers with random patterns over a small cache, with cancellations and failures in between.
TEST_F(BlockCacheTest, ConcurrentReadersSeeOnlyRightBytes) {
  Use(6 * kMiB);
  const std::string content = RandomText(12 * kMiB, 18);
  const BlockFileId id = cache_->Open(Put("k", content));
  faulty_.FailRandomly(0.05, 99, Error(ErrorCode::kUnavailable, "random"));
  std::atomic<int> right = 0;
  {
    std::vector<Thread> readers;
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      readers.emplace_back("reader", [&, seed] {
        SeededRandom random(seed);
        ReadAhead stream;
        ByteCount at = 0;
        for (int i = 0; i < 150; ++i) {
          if (random.Next() % 4 == 0) at = random.Next() % content.size();
          const size_t length = std::min<size_t>(random.Next() % 200'000 + 1, content.size() - at);
          std::string out(length, '?');
          const auto cancellation = std::make_shared<Cancellation>();
          if (random.Next() % 10 == 0) cancellation->Cancel();
          const auto result = cache_->Read(OpContext().WithCancellation(cancellation), id, stream, at,
                                           std::as_writable_bytes(std::span(out)));
          if (result) {
            ASSERT_EQ(out, content.substr(at, length));
            ++right;
            at = (at + length) % content.size();
          }
        }
      });
    }
  }
  EXPECT_GT(right, 300);
  cache_->Close(id);
}

}  // namespace
}  // namespace cosfuse
