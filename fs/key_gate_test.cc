#include "fs/key_gate.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/fake_clock.h"
#include "base/thread.h"

namespace cosfuse {
namespace {

class KeyGateTest : public ::testing::Test {
 protected:
  bool IsFree(const ObjectKey& key) { return gate_.TryEnterShared(key).has_value(); }

  FakeClock clock_;
  KeyGate gate_{clock_};
};

TEST_F(KeyGateTest, KeysOverlapWhenEqualOrBelowAPrefix) {
  EXPECT_TRUE(KeysOverlap("a", "a"));
  EXPECT_TRUE(KeysOverlap("d/", "d/a"));
  EXPECT_TRUE(KeysOverlap("d/e/f", "d/"));
  EXPECT_TRUE(KeysOverlap("", "anything"));
  EXPECT_FALSE(KeysOverlap("d", "d/a"));
  EXPECT_FALSE(KeysOverlap("d/", "da"));
  EXPECT_FALSE(KeysOverlap("a", "b"));
}

TEST_F(KeyGateTest, SharedHoldsGoTogether) {
  const auto first = gate_.EnterShared(OpContext(), "a");
  EXPECT_TRUE(first.has_value());
  EXPECT_TRUE(IsFree("a"));
}

TEST_F(KeyGateTest, HoldAloneKeepsOthersOutUntilItEnds) {
  {
    const auto alone = gate_.EnterAlone(OpContext(), {"d/", "e"});
    ASSERT_TRUE(alone.has_value());
    EXPECT_FALSE(IsFree("d/a"));
    EXPECT_FALSE(IsFree("e"));
    EXPECT_TRUE(IsFree("d"));
    EXPECT_EQ(gate_.EnterAlone(OpContext::Immediate(), {"x", "e"}).error().code(), ErrorCode::kWouldWait);
    EXPECT_TRUE(IsFree("x")) << "all or nothing";
  }
  EXPECT_TRUE(IsFree("d/a"));
}

TEST_F(KeyGateTest, SharedHoldKeepsOutWhoWantsToBeAlone) {
  auto shared = gate_.EnterShared(OpContext(), "d/a");
  ASSERT_TRUE(shared.has_value());
  EXPECT_FALSE(gate_.EnterAlone(OpContext::Immediate(), {"d/"}).has_value());
  shared->Release();
  EXPECT_TRUE(gate_.EnterAlone(OpContext::Immediate(), {"d/"}).has_value());
}

TEST_F(KeyGateTest, WaiterEntersWhenTheHoldEnds) {
  auto alone = gate_.EnterAlone(OpContext(), {"a"});
  std::atomic<bool> entered = false;
  Thread waiter("waiter", [&] { entered = gate_.EnterShared(OpContext(), "a").has_value(); });
  alone->Release();
  waiter.Join();
  EXPECT_TRUE(entered);
}

TEST_F(KeyGateTest, WhoIsWaitedForIsTold) {
  auto alone = gate_.EnterAlone(OpContext(), {"d/a"});
  int told = 0;
  alone->OnWaitedFor([&] {
    if (++told == 2) alone->Release();
  });
  EXPECT_TRUE(gate_.EnterShared(OpContext(), "d/b").has_value());
  EXPECT_EQ(told, 0);
  EXPECT_FALSE(gate_.TryEnterShared("d/a"));
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(gate_.EnterAlone(OpContext(), {"d/"}).has_value());
  EXPECT_EQ(told, 2);
}

TEST_F(KeyGateTest, WhoIsToBeToldLaterIsToldByThoseWhoWaitAlready) {
  auto alone = gate_.EnterAlone(OpContext(), {"a"});
  std::atomic<bool> told = false;
  Thread waiter("waiter", [&] { EXPECT_TRUE(gate_.EnterShared(OpContext(), "a").has_value()); });
  alone->OnWaitedFor([&] { told = true; });
  while (!told) static_cast<void>(SystemClock().Sleep({}, std::chrono::microseconds(100)));
  alone->Release();
  waiter.Join();
}

TEST_F(KeyGateTest, NobodyWaitsAfterTheEnd) {
  const auto alone = gate_.EnterAlone(OpContext(), {"a"});
  ErrorCode code = ErrorCode::kInternal;
  Thread waiter("waiter", [&] { code = gate_.EnterShared(OpContext(), "a").error().code(); });
  gate_.Close();
  waiter.Join();
  EXPECT_EQ(code, ErrorCode::kCancelled);
  EXPECT_TRUE(gate_.EnterShared(OpContext(), "b").has_value());
}

TEST_F(KeyGateTest, WaiterCanBeCancelled) {
  const auto alone = gate_.EnterAlone(OpContext(), {"a"});
  const auto cancellation = std::make_shared<Cancellation>();
  ErrorCode code = ErrorCode::kInternal;
  Thread waiter("waiter",
                [&] { code = gate_.EnterShared(OpContext().WithCancellation(cancellation), "a").error().code(); });
  cancellation->Cancel();
  waiter.Join();
  EXPECT_EQ(code, ErrorCode::kCancelled);
}

TEST_F(KeyGateTest, DeadlineThatHasPassedFailsAtOnce) {
  const auto alone = gate_.EnterAlone(OpContext(), {"a"});
  const OpContext late = OpContext().WithDeadline(clock_.Now());
  EXPECT_EQ(gate_.EnterShared(late, "a").error().code(), ErrorCode::kTimedOut);
}

}  // namespace
}  // namespace cosfuse
