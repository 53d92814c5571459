#include "app/drain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/fake_clock.h"
#include "fs/fuse/fake_file_system.h"

namespace cosfuse {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A cache that is clean from a certain moment on.
class ScriptedCache final : public FileCache {
 public:
  explicit ScriptedCache(FakeClock& clock) : clock_(clock) {}

  std::shared_ptr<CachedFile> OpenBase(const BaseVersion& /*base*/) override { return nullptr; }
  std::shared_ptr<CachedFile> OpenWithContent(const BaseVersion& /*base*/, std::string /*content*/) override {
    return nullptr;
  }
  std::shared_ptr<CachedFile> Create(const std::optional<BaseVersion>& /*replaced*/) override { return nullptr; }
  std::vector<BaseVersion> copied_versions() const override { return {}; }
  Result<> KeepCopied(const OpContext& /*context*/, const ObjectKey& /*key*/) override { return {}; }
  void RebaseCopied(const BaseVersion& /*from*/, const BaseVersion& /*to*/) override {}
  Result<> ExpectOwnCopy(const OpContext& /*context*/, const BaseVersion& /*version*/,
                         const std::string& /*id*/) override {
    return {};
  }
  Result<std::shared_ptr<CachedFile>> Restore(JournalFileId /*id*/, const JournaledFile& /*state*/) override {
    return Fail(ErrorCode::kUnsupported, "");
  }
  void StoreLeft() override {}
  Result<> StoreEarlier(const OpContext& /*context*/, uint64_t /*promised*/) override { return {}; }
  uint64_t promised() const override { return 0; }
  std::optional<Duration> PromiseDelay() const override { return Duration{}; }
  Result<> WaitForRoom(const OpContext& /*context*/) override { return {}; }
  void AbortUploads(const std::map<std::string, ObjectKey>& /*uploads*/) override {}
  CacheStatistics statistics() const override { return {}; }
  Result<> Drain(const OpContext& context) override {
    if (stuck) return Fail(*stuck);
    if (clock_.Now() >= clean_from) return {};
    clock_.Advance(std::max(std::min(context.deadline(), clean_from) - clock_.Now(), Duration(0)));
    if (clock_.Now() >= clean_from) return {};
    return Fail(ErrorCode::kTimedOut, "not yet");
  }

  MonotonicTime clean_from;
  std::optional<Error> stuck;  ///< What is left cannot be stored.

 private:
  FakeClock& clock_;
};

/// A file system with a handle that is open for writing up to a certain moment.
class ScriptedFileSystem final : public FakeFileSystem {
 public:
  explicit ScriptedFileSystem(FakeClock& clock) : FakeFileSystem(clock), clock_(clock) {}
  void SetPhase(MountPhase phase) override { phases.push_back(phase); }
  Result<> StoreLeftAttributes(const OpContext& context) override {
    last_deadline = context.deadline();
    return attributes;
  }
  size_t open_writers() const override { return clock_.Now() < closed_from ? 1 : 0; }

  MonotonicTime closed_from;
  std::vector<MountPhase> phases;
  Result<> attributes;  ///< What becomes of those that are left.
  MonotonicTime last_deadline;

 private:
  FakeClock& clock_;
};

class DrainMountTest : public ::testing::Test {
 protected:
  /// Drains for at most ten seconds; returns how long it took.
  Duration Drain(bool& clean) {
    const MonotonicTime begin = clock_.Now();
    clean = DrainMount(file_system_, cache_, clock_, begin + seconds(10));
    return clock_.Now() - begin;
  }
  MonotonicTime In(Duration delay) const { return clock_.Now() + delay; }

  FakeClock clock_;
  ScriptedCache cache_{clock_};
  ScriptedFileSystem file_system_{clock_};
  bool clean_ = false;
};

TEST_F(DrainMountTest, OfAnIdleMountTakesNoTime) {
  EXPECT_EQ(Drain(clean_), Duration(0));
  EXPECT_TRUE(clean_);
}

TEST_F(DrainMountTest, ForbidsNewChangesFirstAndAllChangesAtTheEnd) {
  Drain(clean_);
  EXPECT_EQ(file_system_.phases, (std::vector{MountPhase::kDraining, MountPhase::kReadOnly}));
}

TEST_F(DrainMountTest, WaitsForUploads) {
  cache_.clean_from = In(seconds(7));
  EXPECT_EQ(Drain(clean_), seconds(7));
  EXPECT_TRUE(clean_);
}

TEST_F(DrainMountTest, WaitsForHandlesThatAreOpenForWriting) {
  file_system_.closed_from = In(seconds(3));
  const Duration taken = Drain(clean_);
  EXPECT_TRUE(clean_);
  EXPECT_GE(taken, seconds(3));
  EXPECT_LT(taken, milliseconds(3200));
}

TEST_F(DrainMountTest, AHandleThatStaysOpenWithNothingToSendIsNoFailure) {
  file_system_.closed_from = In(seconds(60));
  EXPECT_EQ(Drain(clean_), seconds(10));
  EXPECT_TRUE(clean_);
}

TEST_F(DrainMountTest, Pitfall38_GivesUpAtTheDeadlineAndSaysSo) {
  cache_.clean_from = In(seconds(60));
  EXPECT_EQ(Drain(clean_), seconds(10));
  EXPECT_FALSE(clean_);
  EXPECT_EQ(file_system_.phases.back(), MountPhase::kReadOnly);
}

TEST_F(DrainMountTest, WhatNoTimeCanMendIsNotWaitedForUnlessAHandleMayStillMendIt) {
  cache_.stuck = Error(ErrorCode::kStale, "another program has changed it");
  EXPECT_EQ(Drain(clean_), Duration(0));
  EXPECT_FALSE(clean_);
  file_system_.closed_from = In(seconds(3));
  EXPECT_GE(Drain(clean_), seconds(3));
  EXPECT_FALSE(clean_);
}

TEST_F(DrainMountTest, AttributesThatAreLeftAreStoredAndSaidToBeMissingWhereTheyAreNot) {
  Drain(clean_);
  EXPECT_TRUE(clean_);
  EXPECT_EQ(file_system_.last_deadline, In(seconds(10)));
  file_system_.attributes = Fail(ErrorCode::kUnavailable, "injected");
  Drain(clean_);
  EXPECT_FALSE(clean_);
}

TEST_F(DrainMountTest, ADeadlineInThePastStillLooksOnce) {
  const MonotonicTime begin = clock_.Now();
  EXPECT_TRUE(DrainMount(file_system_, cache_, clock_, begin - seconds(1)));
  cache_.clean_from = In(seconds(1));
  EXPECT_FALSE(DrainMount(file_system_, cache_, clock_, begin - seconds(1)));
}

}  // namespace
}  // namespace cosfuse
