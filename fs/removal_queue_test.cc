#include "fs/removal_queue.h"

#include <algorithm>
#include <atomic>

#include "base/thread.h"
#include "fs/file_system_fixture.h"
#include "fs/remaining_store.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// In real time.
void Pause() { static_cast<void>(SystemClock().Sleep({}, std::chrono::microseconds(100))); }

const Error kDown(ErrorCode::kUnavailable, "injected");

/// A mount with a journal, over a bucket and a disk that survive it. Its role is known to allow deletes.
class RemovalQueueTest : public FileSystemTest {
 protected:
  RemovalQueueTest() {
    mount_.reset();
    Start();
  }
  ~RemovalQueueTest() override {
    faulty_.Answer();
    faulty_.SetHook({});
  }
  void Start() {
    mount_ = std::make_unique<TestMount>(options_, cache_options_, faulty_, clock_, ++mounts_, &surviving_);
  }
  /// The process ends, whatever it was doing.
  void KillAndStart() {
    faulty_.FailNext(StoreOperation::kDelete, kDown, FaultyObjectStore::kAlways);
    faulty_.FailNext(StoreOperation::kDeleteMany, kDown, FaultyObjectStore::kAlways);
    mount_.reset();
    faulty_.ClearFaults();
    Start();
  }
  void LearnRight() {
    PutForeign("first", "x");
    ASSERT_TRUE(Unlink("first").has_value());
  }
  Result<> Unlink(std::string_view path) {
    const size_t slash = path.rfind('/');
    const bool top = slash == std::string_view::npos;
    const NodeId parent = top ? NodeId::kRoot : mount_->Node(path.substr(0, slash));
    const auto name = top ? path : path.substr(slash + 1);
    if (const auto entry = mount_->Lookup(name, parent); !entry) return Fail(entry.error());
    return fs().Unlink({}, parent, name);
  }
  Result<> Settle() { return fs().FinishRemovals({}); }
  Result<> FsyncRoot() {
    const auto handle = fs().OpenDirectory({}, NodeId::kRoot);
    auto synced = fs().FsyncDirectory({}, *handle);
    fs().ReleaseDirectory(*handle);
    return synced;
  }
  size_t Count(StoreOperation operation) {
    return static_cast<size_t>(std::ranges::count(store_.operations(), operation, &RecordedOperation::operation));
  }
  /// Nothing is deleted from here on, until Open.
  void Hold() {
    held_ = true;
    faulty_.SetHook([this](StoreOperation operation, const ObjectKey& /*key*/) {
      const bool deletes = operation == StoreOperation::kDelete || operation == StoreOperation::kDeleteMany;
      while (deletes && held_) Pause();
    });
  }
  void Open() { held_ = false; }

  FakeDisk surviving_;
  std::atomic<bool> held_ = false;
};

TEST_F(RemovalQueueTest, TheFirstUnlinkWaitsAndTheNextDoNot) {
  PutForeign("a", "1");
  PutForeign("b", "2");
  ASSERT_TRUE(Unlink("a").has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("b")) << "whether the role may delete was not known";
  Hold();
  ASSERT_TRUE(Unlink("b").has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("b"));
  EXPECT_EQ(mount_->WalkError("b"), ErrorCode::kNotFound);
  EXPECT_THAT(mount_->Names(), IsEmpty());
  Open();
  ASSERT_TRUE(Settle().has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_EQ(fs().removed_versions(), 0U);
}

TEST_F(RemovalQueueTest, ManyGoInOneRequest) {
  LearnRight();
  for (int i = 0; i < 300; ++i) store_.SetObject("f" + std::to_string(1000 + i), "x");
  clock_.Advance(std::chrono::seconds(5));
  mount_->Names();
  for (int i = 0; i < 300; ++i) mount_->Node("f" + std::to_string(1000 + i));
  store_.ForgetOperations();
  Hold();
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(fs().Unlink({}, NodeId::kRoot, "f" + std::to_string(1000 + i)).has_value());
  Open();
  ASSERT_TRUE(Settle().has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_LE(Count(StoreOperation::kDelete) + Count(StoreOperation::kDeleteMany), 3U);
  EXPECT_LE(Count(StoreOperation::kHead), 1U);
}

TEST_F(RemovalQueueTest, WhatWasSeenLongAgoIsLookedAtByOneListing) {
  LearnRight();
  for (int i = 0; i < 100; ++i) store_.SetObject("f" + std::to_string(1000 + i), "x");
  options_.ttl = std::chrono::hours(2);
  KillAndStart();
  LearnRight();
  mount_->Names();
  std::vector<NodeId> nodes(100);
  for (size_t i = 0; i < nodes.size(); ++i) nodes[i] = mount_->Node("f" + std::to_string(1000 + i));
  clock_.Advance(std::chrono::hours(1));
  store_.ForgetOperations();
  Hold();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(fs().Unlink({}, NodeId::kRoot, "f" + std::to_string(1000 + i)).has_value());
  Open();
  ASSERT_TRUE(Settle().has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_LE(Count(StoreOperation::kList), 3U);
  EXPECT_LE(Count(StoreOperation::kHead), 3U);
}

TEST_F(RemovalQueueTest, Pitfall25_AnothersNewFileIsNotRemovedByADelay) {
  LearnRight();
  PutForeign("f", "old");
  PutForeign("g", "old");
  mount_->Node("g");
  Hold();
  ASSERT_TRUE(Unlink("f").has_value());
  // The first DELETE is on its way; what waits behind it becomes old.
  ASSERT_TRUE(Unlink("g").has_value());
  clock_.Advance(std::chrono::seconds(10));
  store_.SetObject("g", "new");
  Open();
  ASSERT_TRUE(Settle().has_value());
  EXPECT_EQ(Content("g"), "new");
  EXPECT_EQ(mount_->MustRead("g"), "new");
}

TEST_F(RemovalQueueTest, Pitfall25_AnothersNewFileIsNotRemovedByARetry) {
  for (const FaultPoint point : {FaultPoint::kBefore, FaultPoint::kAfter}) {
    LearnRight();
    ASSERT_TRUE(Settle().has_value());
    PutForeign("f", "old");
    faulty_.FailNext(StoreOperation::kDelete, kDown, 1, point);
    mount_->Node("f");
    std::atomic<bool> first = true;
    faulty_.SetHook([this, &first](StoreOperation operation, const ObjectKey& key) {
      if (key == "f" && operation == StoreOperation::kHead && first.exchange(false)) store_.SetObject("f", "new");
    });
    ASSERT_TRUE(fs().Unlink({}, NodeId::kRoot, "f").has_value());
    ASSERT_TRUE(Settle().has_value());
    faulty_.SetHook({});
    EXPECT_EQ(Content("f"), "new");
    store_.RemoveObject("f");
    ExpireAll();
  }
}

TEST_F(RemovalQueueTest, WhatWasRemovedUnheardIsNoFailure) {
  LearnRight();
  for (const size_t files : {1, 3}) {
    ASSERT_TRUE(Settle().has_value());
    for (size_t i = 0; i < files; ++i) PutForeign("f" + std::to_string(i), "x");
    faulty_.FailNext(files == 1 ? StoreOperation::kDelete : StoreOperation::kDeleteMany, kDown, 1, FaultPoint::kTwice);
    Hold();
    for (size_t i = 0; i < files; ++i) ASSERT_TRUE(Unlink("f" + std::to_string(i)).has_value());
    Open();
    const auto synced = FsyncRoot();
    EXPECT_TRUE(synced) << files << " files: " << synced.error().ToString();
    EXPECT_THAT(store_.Keys(), IsEmpty());
  }
}

TEST_F(RemovalQueueTest, Pitfall39_ALaterProcessRemovesWhatThisOneDidNot) {
  LearnRight();
  for (const char* const key : {"a", "b", "d/c"}) PutForeign(key, "1");
  Hold();
  for (const char* const key : {"a", "b", "d/c"}) ASSERT_TRUE(Unlink(key).has_value());
  // The process dies before its first request.
  faulty_.FailNext(StoreOperation::kDelete, kDown, FaultyObjectStore::kAlways);
  faulty_.FailNext(StoreOperation::kDeleteMany, kDown, FaultyObjectStore::kAlways);
  Open();
  mount_.reset();
  faulty_.ClearFaults();
  store_.SetObject("b", "of another");
  EXPECT_EQ(Content("a"), "1");
  Start();
  EXPECT_EQ(mount_->WalkError("a"), ErrorCode::kNotFound);
  ASSERT_TRUE(Settle().has_value());
  EXPECT_THAT(store_.Keys(), UnorderedElementsAre("b", "d/"));
  EXPECT_EQ(mount_->MustRead("b"), "of another");
  KillAndStart();
  EXPECT_EQ(mount_->MustRead("b"), "of another");
}

TEST_F(RemovalQueueTest, ANewFileOfTheNameWaitsForTheRemovalAndIsNotTakenForIt) {
  LearnRight();
  PutForeign("f", "same");
  Hold();
  ASSERT_TRUE(Unlink("f").has_value());
  Thread opener("opener", [this] {
    // Whoever needs the name has the removal done at once.
    while (Count(StoreOperation::kPut) == 0 && fs().removed_versions() > 0) {
      held_ = false;
      Pause();
    }
  });
  ASSERT_TRUE(mount_->WriteFile("f", "same").has_value());
  opener.Join();
  ASSERT_TRUE(Settle().has_value());
  EXPECT_EQ(Content("f"), "same");
  EXPECT_EQ(mount_->MustRead("f"), "same");
  EXPECT_THAT(mount_->Names(), ElementsAre("f"));
}

TEST_F(RemovalQueueTest, RenamesAndRemovalsOfTheDirectoryWaitForIt) {
  LearnRight();
  PutForeign("d/a", "1");
  PutForeign("d/b", "2");
  mount_->Names(mount_->Node("d"));
  ASSERT_TRUE(Unlink("d/a").has_value());
  ASSERT_TRUE(mount_->Rename("d", "e").has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("e/b"));
  ASSERT_TRUE(Unlink("e/b").has_value());
  ASSERT_TRUE(fs().RemoveDirectory({}, NodeId::kRoot, "e").has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(RemovalQueueTest, ARefusalBringsTheNameBackAndFsyncOfTheDirectorySaysSoOnce) {
  LearnRight();
  PutForeign("f", "stays");
  faulty_.FailNext(StoreOperation::kDelete, Error(ErrorCode::kAccessDenied, "injected"));
  ASSERT_TRUE(Unlink("f").has_value());
  EXPECT_EQ(CodeOf(FsyncRoot()), ErrorCode::kAccessDenied);
  EXPECT_TRUE(FsyncRoot().has_value());
  EXPECT_EQ(mount_->MustRead("f"), "stays");
  // From here on a program is told at once.
  faulty_.FailNext(StoreOperation::kDelete, Error(ErrorCode::kAccessDenied, "injected"));
  EXPECT_EQ(CodeOf(Unlink("f")), ErrorCode::kAccessDenied);
}

TEST_F(RemovalQueueTest, WhatTheStoreDoesNotAnswerIsTriedUntilItIsDone) {
  LearnRight();
  PutForeign("a", "1");
  PutForeign("b", "2");
  faulty_.FailNext(StoreOperation::kDelete, kDown, 3);
  faulty_.FailNext(StoreOperation::kDeleteMany, kDown, 3, FaultPoint::kAfter);
  ASSERT_TRUE(Unlink("a").has_value());
  ASSERT_TRUE(Unlink("b").has_value());
  ASSERT_TRUE(Settle().has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(RemovalQueueTest, FsyncOfTheDirectoryDoesNotWaitForAStoreThatIsAway) {
  LearnRight();
  PutForeign("f", "1");
  faulty_.FailNext(StoreOperation::kDelete, kDown, FaultyObjectStore::kAlways);
  faulty_.FailNext(StoreOperation::kHead, kDown, FaultyObjectStore::kAlways);
  EXPECT_EQ(CodeOf(Unlink("f")), ErrorCode::kUnavailable) << "what it is has to be known";
  faulty_.ClearFaults();
  ASSERT_TRUE(mount_->Lookup("f").has_value());
  faulty_.FailNext(StoreOperation::kDelete, kDown, FaultyObjectStore::kAlways);
  ASSERT_TRUE(fs().Unlink({}, NodeId::kRoot, "f").has_value());
  EXPECT_EQ(CodeOf(FsyncRoot()), ErrorCode::kUnavailable);
  faulty_.ClearFaults();
  ASSERT_TRUE(Settle().has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(RemovalQueueTest, LocksAreRemovedAtOnce) {
  LearnRight();
  PutForeign("x.lock", "");
  Hold();
  Thread opener("opener", [this] {
    while (Count(StoreOperation::kHead) == 0) Pause();
    held_ = false;
  });
  ASSERT_TRUE(Unlink("x.lock").has_value());
  opener.Join();
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(RemovalQueueTest, AnOpenFileReadsOn) {
  LearnRight();
  PutForeign("f", "content");
  const HandleId handle = mount_->MustOpen("f", O_RDONLY);
  ASSERT_TRUE(Unlink("f").has_value());
  ASSERT_TRUE(Settle().has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
  EXPECT_EQ(mount_->Read(handle).value_or(""), "content");
  EXPECT_TRUE(mount_->Close(handle).has_value());
  EXPECT_THAT(store_.Keys(), IsEmpty());
}

TEST_F(RemovalQueueTest, TheLastFileOfADirectoryLeavesTheDirectory) {
  LearnRight();
  PutForeign("d/f", "1");
  ASSERT_TRUE(Unlink("d/f").has_value());
  EXPECT_THAT(mount_->Names(), ElementsAre("d/"));
  ASSERT_TRUE(Settle().has_value());
  EXPECT_THAT(store_.Keys(), ElementsAre("d/"));
}

TEST_F(RemovalQueueTest, WithoutAJournalAnUnlinkWaits) {
  mount_ = AnotherMount();
  for (const char* const key : {"a", "b"}) {
    PutForeign(key, "1");
    ASSERT_TRUE(Unlink(key).has_value());
    EXPECT_THAT(store_.Keys(), IsEmpty());
  }
}

}  // namespace
}  // namespace cosfuse
