#include "fs/fuse/request_tracker.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/fake_clock.h"

namespace cosfuse {
namespace {

using std::chrono::seconds;

class RequestTrackerTest : public testing::Test {
 protected:
  std::shared_ptr<RequestTracker::Entry> Add(uint64_t unique, pid_t pid) {
    return tracker_.Add(unique, pid, clock_.Now() + seconds(60),
                        [this, unique](ErrorCode code) { abandoned_[unique] = code; });
  }
  std::optional<ErrorCode> Abandoned(uint64_t unique) const {
    const auto found = abandoned_.find(unique);
    if (found == abandoned_.end()) return std::nullopt;
    return found->second;
  }

  FakeClock clock_;
  std::map<pid_t, CallerState> callers_;
  std::map<uint64_t, ErrorCode> abandoned_;
  RequestTracker tracker_{clock_, [this](pid_t pid) { return callers_[pid]; }};
};

TEST_F(RequestTrackerTest, InterruptOfAnUnknownRequestIsNotTaken) {
  EXPECT_FALSE(tracker_.Interrupt(1));
  const auto entry = Add(1, 10);
  EXPECT_TRUE(tracker_.Interrupt(1));
  tracker_.Remove(*entry);
  EXPECT_FALSE(tracker_.Interrupt(1));
}

TEST_F(RequestTrackerTest, RunningRequestOfADyingCallerIsCancelled) {
  const auto entry = Add(1, 10);
  ASSERT_TRUE(tracker_.Begin(*entry));
  callers_[10] = CallerState::kFatalSignal;
  tracker_.Check();
  EXPECT_FALSE(entry->cancellation()->cancelled()) << "nobody has interrupted it";
  tracker_.Interrupt(1);
  tracker_.Check();
  EXPECT_TRUE(entry->cancellation()->cancelled());
  EXPECT_EQ(Abandoned(1), std::nullopt) << "whoever runs it answers it";
}

TEST_F(RequestTrackerTest, RequestThatRunsFromTheStartIsNeverAbandoned) {
  const auto entry = tracker_.Add(1, 10, clock_.Now(), nullptr);
  callers_[10] = CallerState::kFatalSignal;
  tracker_.Interrupt(1);
  tracker_.Check();
  EXPECT_TRUE(entry->cancellation()->cancelled());
  EXPECT_EQ(tracker_.size(), 1u);
  tracker_.Remove(*entry);
}

TEST_F(RequestTrackerTest, QueuedRequestOfADyingCallerIsAbandoned) {
  const auto entry = Add(1, 10);
  callers_[10] = CallerState::kFatalSignal;
  tracker_.Interrupt(1);
  tracker_.Check();
  EXPECT_EQ(Abandoned(1), ErrorCode::kCancelled);
  EXPECT_FALSE(tracker_.Begin(*entry));
  EXPECT_EQ(tracker_.size(), 0u);
}

TEST_F(RequestTrackerTest, HarmlessSignalLeavesTheRequestAloneUntilAFatalOneComes) {
  const auto entry = Add(1, 10);
  ASSERT_TRUE(tracker_.Begin(*entry));
  callers_[10] = CallerState::kAlive;
  tracker_.Interrupt(1);
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(seconds(1));
    tracker_.Check();
  }
  EXPECT_FALSE(entry->cancellation()->cancelled());
  callers_[10] = CallerState::kFatalSignal;
  tracker_.Check();
  EXPECT_TRUE(entry->cancellation()->cancelled());
}

TEST_F(RequestTrackerTest, UnseenCallerGetsTenSeconds) {
  const auto entry = Add(1, 0);
  ASSERT_TRUE(tracker_.Begin(*entry));
  callers_[0] = CallerState::kUnknown;
  clock_.Advance(seconds(100));
  tracker_.Interrupt(1);
  clock_.Advance(seconds(9));
  tracker_.Check();
  EXPECT_FALSE(entry->cancellation()->cancelled());
  clock_.Advance(seconds(1));
  tracker_.Check();
  EXPECT_TRUE(entry->cancellation()->cancelled());
}

TEST_F(RequestTrackerTest, QueueHasALimit) {
  const auto queued = Add(1, 10);
  const auto running = Add(2, 10);
  ASSERT_TRUE(tracker_.Begin(*running));
  clock_.Advance(seconds(60));
  tracker_.Check();
  EXPECT_EQ(Abandoned(1), ErrorCode::kTimedOut);
  EXPECT_EQ(Abandoned(2), std::nullopt);
  EXPECT_EQ(tracker_.size(), 1u);
}

TEST_F(RequestTrackerTest, RequeuedRequestRemembersThatItWasGivenUp) {
  const auto entry = Add(1, 10);
  ASSERT_TRUE(tracker_.Begin(*entry));
  EXPECT_TRUE(tracker_.Requeue(*entry));
  ASSERT_TRUE(tracker_.Begin(*entry));
  callers_[10] = CallerState::kFatalSignal;
  tracker_.Interrupt(1);
  tracker_.Check();
  EXPECT_FALSE(tracker_.Requeue(*entry));
  EXPECT_EQ(Abandoned(1), ErrorCode::kCancelled);
}

TEST_F(RequestTrackerTest, CancelAllEndsWhatIsThereAndWhatComes) {
  const auto running = Add(1, 10);
  const auto queued = Add(2, 10);
  ASSERT_TRUE(tracker_.Begin(*running));
  tracker_.CancelAll();
  EXPECT_TRUE(running->cancellation()->cancelled());
  EXPECT_EQ(Abandoned(2), ErrorCode::kCancelled);
  const auto later = Add(3, 10);
  EXPECT_EQ(Abandoned(3), ErrorCode::kCancelled);
  EXPECT_FALSE(tracker_.Begin(*later));
  tracker_.Remove(*running);
  EXPECT_EQ(tracker_.size(), 0u);
}

}  // namespace
}  // namespace cosfuse
