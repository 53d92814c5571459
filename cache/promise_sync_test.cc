#include "cache/promise_sync.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <memory>
#include <utility>

#include "base/fake_clock.h"
#include "base/random.h"
#include "cache/fake_disk.h"

namespace cosfuse {
namespace {

class PromiseSyncTest : public testing::Test {
 protected:
  std::unique_ptr<Journal> Begin() {
    auto journal = Journal::Begin(disk_, {.store = "store", .boot_id = "boot"}, JournalFileId{1}, {});
    EXPECT_TRUE(journal) << journal.error().ToString();
    return journal ? *std::move(journal) : nullptr;
  }
  static JournalRecord Promised() { return JournalFileRecord{JournalFileId{1}, {.closed = ContentSnapshot{}}}; }
  /// The node ends, and another one looks.
  bool SurvivesTheNode(std::unique_ptr<Journal> journal) {
    journal.reset();
    SeededRandom random(1);
    disk_.LoseUnsynced(random);
    const auto found = ReadJournal(disk_, JournalIdentity{.store = "store", .boot_id = "another boot"});
    return found && !found->state.files().empty();
  }

  FakeClock clock_;
  FakeDisk disk_;
  RetryTimer timer_{clock_};
};

TEST_F(PromiseSyncTest, AtOnceMeansThatItSurvivesTheNodeWhenItReturns) {
  auto journal = Begin();
  PromiseSync sync(journal.get(), timer_, Duration(0));
  ASSERT_TRUE(journal->Append(Promised()));
  ASSERT_TRUE(sync.Keep());
  EXPECT_TRUE(SurvivesTheNode(std::move(journal)));
}

TEST_F(PromiseSyncTest, LaterMeansThatOneSyncKeepsAllThatWerePromisedBefore) {
  auto journal = Begin();
  PromiseSync sync(journal.get(), timer_, std::chrono::milliseconds(100));
  const size_t before = disk_.syncs();
  // The timer is kept busy until all have promised.
  std::atomic<bool> promised = false;
  timer_.RunAfter(Duration(0), [&promised] {
    while (!promised) sched_yield();
  });
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(journal->Append(Promised()));
    ASSERT_TRUE(sync.Keep());
  }
  EXPECT_EQ(disk_.syncs(), before);
  promised = true;
  while (disk_.syncs() == before) sched_yield();
  timer_.Stop();
  EXPECT_EQ(disk_.syncs(), before + 1);
  EXPECT_TRUE(SurvivesTheNode(std::move(journal)));
}

TEST_F(PromiseSyncTest, AfterOneThatCouldNotBeKeptNoneIsMade) {
  const auto journal = Begin();
  PromiseSync sync(journal.get(), timer_, std::chrono::milliseconds(100));
  ASSERT_TRUE(journal->Append(Promised()));
  disk_.FailSyncs();
  while (sync.Keep()) sched_yield();
  timer_.Stop();
}

}  // namespace
}  // namespace cosfuse
