#include <sys/stat.h>

#include <algorithm>
#include <atomic>

#include "base/thread.h"
#include "fs/file_system_fixture.h"

namespace cosfuse {
namespace {

/// A mount whose closes are promises, with room for four files that wait.
class ClosePaceTest : public FileSystemTest {
 protected:
  ClosePaceTest() {
    mount_.reset();
    options_.close_promises = true;
    cache_options_.promise_limit = {.files = 4, .oldest = std::chrono::minutes(10)};
    mount_ = std::make_unique<TestMount>(options_, cache_options_, faulty_, clock_, 7, &surviving_);
    mount_->Names();
  }
  ~ClosePaceTest() override { faulty_.Answer(); }

  /// Written, and not closed.
  HandleId Written(const std::string& name) {
    const HandleId handle = mount_->MustCreate(name);
    EXPECT_TRUE(mount_->Write(handle, 0, "bytes"));
    return handle;
  }

  FakeDisk surviving_;
};

TEST_F(ClosePaceTest, SlowsDownThenWaitsForRoomAndLosesNothing) {
  std::vector<HandleId> handles;
  for (int i = 0; i < 5; ++i) handles.push_back(Written("f" + std::to_string(i)));
  faulty_.StopAnswering();
  const Duration slept = clock_.slept();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(mount_->Close(handles[static_cast<size_t>(i)]));
  EXPECT_EQ(clock_.slept(), slept) << "up to half there is no delay";
  EXPECT_TRUE(mount_->Close(handles[3]));
  EXPECT_GT(clock_.slept(), slept);
  const auto full = mount_->fs().Flush(OpContext().WithDeadline(clock_.Now()), handles[4], true);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::kTimedOut);
  Thread last("last", [&] { EXPECT_TRUE(mount_->Close(handles[4])); });
  faulty_.Answer();
  last.Join();
  ASSERT_TRUE(mount_->cache().Drain({}));
  EXPECT_EQ(store_.Keys().size(), 5U);
  EXPECT_EQ(store_.GetContent("f4"), "bytes");
  // It is let go a moment after it is stored.
  while (mount_->cache().statistics().waiting_files > 0) sched_yield();
}

TEST_F(ClosePaceTest, WhatSaysThatOthersAreCompleteComesAfterThemWhereThereIsNoRoomEither) {
  std::vector<HandleId> handles;
  for (int i = 0; i < 4; ++i) handles.push_back(Written("f" + std::to_string(i)));
  const HandleId empty = mount_->MustCreate("_SUCCESS");
  std::atomic<bool> too_early = false;
  faulty_.StopAnswering();
  for (const HandleId handle : handles) EXPECT_TRUE(mount_->Close(handle));
  faulty_.SetHook([&](StoreOperation operation, const ObjectKey& key) {
    if (operation == StoreOperation::kPut && key == "_SUCCESS") too_early = store_.Keys().size() < 4;
  });
  Thread last("last", [&] { EXPECT_TRUE(mount_->Close(empty)); });
  faulty_.Answer();
  last.Join();
  ASSERT_TRUE(mount_->cache().Drain({}));
  EXPECT_EQ(store_.Keys().size(), 5U);
  EXPECT_FALSE(too_early);
  faulty_.SetHook({});
}

TEST_F(ClosePaceTest, WhatSaysThatOthersAreCompleteComesAfterThemInADrainAndAnFsyncOfTheDirectory) {
  for (const bool drain : {true, false}) {
    const std::string name = drain ? "drained" : "synced";
    const HandleId data = Written(name);
    const HandleId empty = mount_->MustCreate(name + ".done");
    faulty_.StopAnswering();
    EXPECT_TRUE(mount_->Close(data));
    EXPECT_TRUE(mount_->Close(empty));
    std::atomic<bool> too_early = false;
    faulty_.SetHook([&](StoreOperation operation, const ObjectKey& key) {
      if (operation == StoreOperation::kPut && key == name + ".done") too_early = !store_.GetContent(name);
    });
    Thread end("end", [&] {
      if (drain) {
        EXPECT_TRUE(mount_->cache().Drain({}));
      } else {
        const auto root = mount_->fs().OpenDirectory({}, NodeId::kRoot);
        // What waits for others lets this clock fly, so that an upload may time out.
        while (!mount_->fs().FsyncDirectory({}, *root)) sched_yield();
        mount_->fs().ReleaseDirectory(*root);
      }
    });
    SystemClock clock;
    static_cast<void>(clock.Sleep({}, std::chrono::milliseconds(20)));  // Time enough to come too early.
    faulty_.Answer();
    end.Join();
    EXPECT_TRUE(store_.GetContent(name + ".done"));
    EXPECT_FALSE(too_early);
    faulty_.SetHook({});
  }
}

TEST_F(ClosePaceTest, WhatTheStoreRefusesSlowsNobodyDown) {
  faulty_.FailNext(StoreOperation::kPut, Error(ErrorCode::kAccessDenied, "injected"), FaultyObjectStore::kAlways);
  EXPECT_TRUE(mount_->Close(Written("refused")));
  while (mount_->cache().statistics().oldest > Duration{} || mount_->cache().statistics().failed_uploads < 3) {
    clock_.Advance(std::chrono::seconds(10));
    sched_yield();
  }
  clock_.Advance(std::chrono::hours(5));
  EXPECT_EQ(mount_->cache().statistics().waiting_files, 1U);
  EXPECT_EQ(mount_->cache().PromiseDelay(), Duration{});
  faulty_.ClearFaults();
}

TEST_F(ClosePaceTest, WhatIsWrittenAllTheTimeIsNotOld) {
  const HandleId log = mount_->MustCreate("log");
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(mount_->Write(log, static_cast<ByteCount>(i), "x"));
    faulty_.StopAnswering();
    ASSERT_TRUE(mount_->fs().Flush({}, log, true));
    while (faulty_.hanging() == 0) sched_yield();
    // While its upload is under way, so that it is never all stored.
    ASSERT_TRUE(mount_->Write(log, static_cast<ByteCount>(i) + 1, "y"));
    clock_.Advance(std::chrono::minutes(1));
    const uint64_t puts = static_cast<uint64_t>(
        std::ranges::count(store_.operations(), StoreOperation::kPut, &RecordedOperation::operation));
    faulty_.Answer();
    while (static_cast<uint64_t>(
               std::ranges::count(store_.operations(), StoreOperation::kPut, &RecordedOperation::operation)) == puts) {
      sched_yield();
    }
  }
  EXPECT_LE(mount_->cache().statistics().oldest, std::chrono::minutes(5));
  EXPECT_TRUE(mount_->Close(log));
}

TEST_F(ClosePaceTest, WhatHasWaitedLongSlowsClosesAndNeverStopsThem) {
  const HandleId first = Written("a");
  const HandleId second = Written("b");
  faulty_.StopAnswering();
  EXPECT_TRUE(mount_->Close(first));
  clock_.Advance(std::chrono::hours(5));
  const Duration slept = clock_.slept();
  EXPECT_TRUE(mount_->Close(second));
  EXPECT_EQ(clock_.slept() - slept, std::chrono::seconds(1));
}

TEST_F(ClosePaceTest, WhatHasNothingToStoreDoesNotWait) {
  std::vector<HandleId> handles;
  for (int i = 0; i < 4; ++i) handles.push_back(Written("f" + std::to_string(i)));
  const HandleId clean = mount_->MustOpen("f0", O_RDWR);
  faulty_.StopAnswering();
  for (const HandleId handle : handles) EXPECT_TRUE(mount_->Close(handle));
  const Duration slept = clock_.slept();
  EXPECT_TRUE(mount_->fs().Flush({}, clean, true));
  EXPECT_TRUE(mount_->Close(clean));
  EXPECT_EQ(clock_.slept(), slept);
}

TEST_F(ClosePaceTest, AttributesThatAreSetAfterACloseArePartOfItsUpload) {
  mount_.reset();
  options_.store_delay.after_last = options_.store_delay.after_first = std::chrono::hours(1);
  mount_ = std::make_unique<TestMount>(options_, cache_options_, faulty_, clock_, 8, &surviving_);
  EXPECT_TRUE(mount_->Close(Written("f")));
  EXPECT_TRUE(mount_->fs().SetAttributes({}, mount_->caller, mount_->Node("f"), std::nullopt, {.permissions = 0600}));
  store_.ForgetOperations();
  ASSERT_TRUE(mount_->cache().Drain({}));
  ASSERT_TRUE(mount_->fs().StoreLeftAttributes({}));
  EXPECT_EQ(store_.Count(StoreOperation::kPut), 1U);
  EXPECT_EQ(store_.Count(StoreOperation::kCopy), 0U);
  EXPECT_EQ(store_.GetInfo("f")->metadata.user.at("mode"), std::to_string(S_IFREG | 0600));
}

TEST_F(ClosePaceTest, Pitfall39_AttributesThatAreSetWhileACloseIsSyncedAreSafeWhenItReturns) {
  const HandleId handle = mount_->MustCreate("f");
  ASSERT_TRUE(mount_->Write(handle, 0, std::string(kMiB, 'x')));
  const NodeId node = mount_->Node("f");
  faulty_.StopAnswering();
  std::atomic<bool> set = false;
  surviving_.SetBeforeSync([&] {
    if (set.exchange(true)) return;
    EXPECT_TRUE(mount_->fs().SetAttributes({}, mount_->caller, node, std::nullopt, {.permissions = 0600}));
  });
  EXPECT_TRUE(mount_->Close(handle));
  surviving_.SetBeforeSync({});
  EXPECT_TRUE(set);
  mount_.reset();
  faulty_.Answer();
  mount_ = std::make_unique<TestMount>(options_, cache_options_, faulty_, clock_, 9, &surviving_);
  EXPECT_EQ(mount_->Stat("f").mode, static_cast<mode_t>(S_IFREG | 0600));
  ASSERT_TRUE(mount_->cache().Drain({}));
}

}  // namespace
}  // namespace cosfuse
