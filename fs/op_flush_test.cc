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

TEST_F(ClosePaceTest, SlowsDownThenWaitsForTheStoreAndLosesNothing) {
  std::vector<HandleId> handles;
  for (int i = 0; i < 5; ++i) handles.push_back(Written("f" + std::to_string(i)));
  faulty_.StopAnswering();
  const Duration slept = clock_.slept();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(mount_->Close(handles[static_cast<size_t>(i)]));
  EXPECT_EQ(clock_.slept(), slept) << "up to half there is no delay";
  EXPECT_TRUE(mount_->Close(handles[3]));
  EXPECT_GT(clock_.slept(), slept);
  std::atomic<bool> closed = false;
  Thread last("last", [&] {
    EXPECT_TRUE(mount_->Close(handles[4]));
    closed = true;
  });
  while (faulty_.hanging() < 5) sched_yield();
  EXPECT_FALSE(closed);
  EXPECT_FALSE(store_.GetContent("f4"));
  faulty_.Answer();
  last.Join();
  EXPECT_EQ(store_.GetContent("f4"), "bytes") << "this one was no promise";
  ASSERT_TRUE(mount_->cache().Drain({}));
  EXPECT_EQ(store_.Keys().size(), 5U);
  EXPECT_EQ(mount_->cache().statistics().waiting_files, 0U);
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

}  // namespace
}  // namespace cosfuse
