#include "cos/faulty_object_store.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/thread.h"
#include "cos/fake_object_store.h"

namespace cosfuse {
namespace {

using Op = StoreOperation;

struct Bench {
  FakeClock clock;
  FakeObjectStore fake{clock};
  FaultyObjectStore store{fake, clock};
  OpContext context;
  Error error{ErrorCode::kUnavailable, "scripted"};

  Result<WrittenVersion> Put(const ObjectKey& key) {
    SpanBodySource body(AsBytes("content"));
    return store.Put(context, key, body, {}, {});
  }
  /// Waits, without sleeping, until that many calls hang.
  void AwaitHanging(int count) const {
    while (store.hanging() < count) Thread("yield", [] {}).Join();
  }
};

TEST(FaultyObjectStore, ChangesNothingByItself) {
  Bench bench;
  ASSERT_TRUE(bench.Put("a"));
  EXPECT_EQ(bench.store.Head(bench.context, "a", {})->size, 7U);
  EXPECT_EQ(bench.fake.count(), 2U);
}

TEST(FaultyObjectStore, FailureBeforeLeavesNoTrace) {
  Bench bench;
  bench.store.FailNext(Op::kPut, bench.error);
  EXPECT_EQ(bench.Put("a").error().message(), "scripted");
  EXPECT_EQ(bench.fake.count(), 0U);
  EXPECT_TRUE(bench.Put("a")) << "one failure only";
}

TEST(FaultyObjectStore, Pitfall26_FailureAfterLosesTheAnswerOnly) {
  Bench bench;
  bench.store.FailNext(Op::kPut, bench.error, 1, FaultPoint::kAfter);
  EXPECT_FALSE(bench.Put("a"));
  EXPECT_EQ(bench.fake.GetContent("a"), "content");
}

TEST(FaultyObjectStore, FailuresAreCountedByOperationAndKey) {
  Bench bench;
  bench.store.FailNext(Op::kPut, bench.error, 2);
  EXPECT_FALSE(bench.store.Head(bench.context, "a", {}));
  EXPECT_EQ(bench.fake.count(), 1U) << "another operation";
  EXPECT_FALSE(bench.Put("a"));
  EXPECT_FALSE(bench.Put("b"));
  EXPECT_TRUE(bench.Put("a"));

  bench.store.FailKey(Op::kPut, "only", bench.error, FaultyObjectStore::kAlways);
  EXPECT_TRUE(bench.Put("a"));
  EXPECT_FALSE(bench.Put("only"));
  EXPECT_FALSE(bench.Put("only"));
  bench.store.ClearFaults();
  EXPECT_TRUE(bench.Put("only"));
}

TEST(FaultyObjectStore, GetFailsMidwayAfterSomeBytes) {
  Bench bench;
  ASSERT_TRUE(bench.Put("a"));
  bench.store.SetMidwayBytes(3);
  bench.store.FailNext(Op::kGet, bench.error, 1, FaultPoint::kMidway);
  std::string got;
  const auto collect = [&](const ObjectInfo&, ByteCount, std::span<const std::byte> data) -> Result<> {
    got += AsText(data);
    return {};
  };
  EXPECT_EQ(bench.store.Get(bench.context, "a", {}, {}, collect).error().message(), "scripted");
  EXPECT_EQ(got, "con");
}

TEST(FaultyObjectStore, RandomFailuresRepeatWithTheirSeed) {
  const auto run = [](uint64_t seed) {
    Bench bench;
    bench.store.FailRandomly(0.5, seed, bench.error);
    std::string outcome;
    for (int i = 0; i < 64; ++i) {
      const std::string key = std::to_string(i);
      const bool answered = bench.Put(key).has_value();
      outcome += answered ? 'y' : bench.fake.GetContent(key) ? 'l' : 'n';
    }
    return outcome;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
  EXPECT_NE(run(1).find('l'), std::string::npos) << "some answers are lost after the effect";
  EXPECT_NE(run(1).find('n'), std::string::npos);
  EXPECT_NE(run(1).find('y'), std::string::npos);
}

TEST(FaultyObjectStore, HookRunsBeforeTheCall) {
  Bench bench;
  bench.store.SetHook([&](Op operation, const ObjectKey& key) {
    if (operation == Op::kHead) bench.fake.SetObject(key, "just in time");
  });
  EXPECT_TRUE(bench.store.Head(bench.context, "a", {}));
}

TEST(FaultyObjectStore, RequestThatIsSentTwiceHasTheSecondAnswer) {
  Bench bench;
  bench.store.FailNext(StoreOperation::kPut, Error(ErrorCode::kUnavailable, "not used"), 1, FaultPoint::kTwice);
  SpanBodySource body(AsBytes("bytes"));
  const auto put = bench.store.Put({}, "a", body, {}, {.create_only = true});
  ASSERT_FALSE(put.has_value());
  EXPECT_EQ(put.error().code(), ErrorCode::kAlreadyExists);  // It met what it had made itself.
  EXPECT_EQ(bench.fake.count(), 2U);
  EXPECT_EQ(bench.fake.GetContent("a"), "bytes");
}

TEST(FaultyObjectStore, Pitfall45_HangingCallGoesOnWhenTheStoreAnswersAgain) {
  Bench bench;
  bench.store.StopAnswering();
  std::atomic<bool> put = false;
  Thread caller("caller", [&] { put = bench.Put("a").has_value(); });
  bench.AwaitHanging(1);
  EXPECT_EQ(bench.fake.count(), 0U);
  bench.store.Answer();
  caller.Join();
  EXPECT_TRUE(put);
  EXPECT_EQ(bench.store.hanging(), 0);
}

TEST(FaultyObjectStore, HangingCallCanBeCancelled) {
  Bench bench;
  bench.store.StopAnswering();
  const auto cancellation = std::make_shared<Cancellation>();
  bench.context = bench.context.WithCancellation(cancellation);
  ErrorCode code = ErrorCode::kInternal;
  Thread caller("caller", [&] { code = bench.Put("a").error().code(); });
  bench.AwaitHanging(1);
  cancellation->Cancel();
  caller.Join();
  EXPECT_EQ(code, ErrorCode::kCancelled);
}

TEST(FaultyObjectStore, HangingCallEndsWithItsPatience) {
  Bench bench;
  bench.store.StopAnswering();
  bench.context = bench.context.WithPatience(std::chrono::seconds(60));
  ErrorCode code = ErrorCode::kInternal;
  Thread caller("caller", [&] { code = bench.Put("a").error().code(); });
  bench.AwaitHanging(1);
  bench.clock.Advance(std::chrono::seconds(61));
  caller.Join();
  EXPECT_EQ(code, ErrorCode::kTimedOut);
}

}  // namespace
}  // namespace cosfuse
