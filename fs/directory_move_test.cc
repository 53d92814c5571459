#include "fs/directory_move.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/log.h"
#include "base/random.h"
#include "cache/fake_disk.h"
#include "cache/file_cache.h"
#include "cache/recovery.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"
#include "fs/bucket_file_system.h"

namespace cosfuse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ObjectMetadata WithField(const std::string& name, const std::string& value) {
  ObjectMetadata metadata;
  metadata.user[name] = value;
  return metadata;
}

/// A mount with a journal, over a bucket and a disk that survive it. It can end at any request.
class DirectoryMoveTest : public ::testing::Test {
 protected:
  DirectoryMoveTest() { Start(); }
  ~DirectoryMoveTest() override { End(); }

  void Start() {
    auto recovered = RecoverCacheDirectory(
        disk_, {.store = "https://s3/bucket", .boot_id = "boot-" + std::to_string(boots_)}, clock_.WallNow());
    ASSERT_TRUE(recovered) << recovered.error().ToString();
    recovered_ = *std::move(recovered);
    cache_ = MakeFileCache({}, faulty_, disk_, clock_, random_, recovered_.journal.get());
    fs_ = std::make_unique<BucketFileSystem>(options_, faulty_, *cache_, clock_, recovered_.journal.get());
    fs_->AdoptLeft({.moves = recovered_.moves, .removals = recovered_.removals});
  }
  void End() {
    fs_.reset();
    cache_.reset();
    recovered_ = {};
  }
  void Settle() {
    const auto settled = fs_->FinishMoves({});
    ASSERT_TRUE(settled) << settled.error().ToString();
  }

  /// From now on the process gets nothing done any more.
  void Die() {
    faulty_.StopAnswering();
    killed_->Cancel();
  }
  /// At its `step`-th request, which is carried out or not.
  void DieAt(int step, bool carried_out) {
    killed_ = std::make_shared<Cancellation>();
    steps_ = 0;
    faulty_.SetHook([this, step, carried_out](StoreOperation operation, const ObjectKey& /*key*/) {
      if (++steps_ != step) return;
      if (!carried_out) return Die();
      faulty_.FailNext(operation, Error(ErrorCode::kUnavailable, "its process has ended"), 1, FaultPoint::kAfter);
    });
    store_.SetHooks({}, [this, step, carried_out](const RecordedOperation& /*call*/) {
      if (carried_out && steps_ >= step) Die();
    });
  }
  /// The process has ended, and the node with it if `power_fails`; the next one has not begun.
  void Bury(bool power_fails) {
    End();
    faulty_.SetHook({});
    store_.SetHooks({});
    faulty_.ClearFaults();
    faulty_.Answer();
    if (!power_fails) return;
    disk_.LoseUnsynced(random_);
    ++boots_;
  }

  Result<> Rename(const std::string& from, const std::string& to) {
    const OpContext context = OpContext().WithCancellation(killed_);
    return fs_->Rename(context, NodeId::kRoot, from, NodeId::kRoot, to, false);
  }
  /// A directory of ordinary files, and two whose copies have other ETags: one of them with the mark of an upload.
  void Fill(const std::string& directory) {
    contents_.clear();
    for (const ObjectKey& key : store_.Keys()) store_.RemoveObject(key);
    for (int i = 0; i < 5; ++i) Put(directory, "f" + std::to_string(i), "content " + std::to_string(i));
    Put(directory, "", "");
    Put(directory, "sub/", "");
    Put(directory, "sub/deep", "deep");
    PutInParts(directory, "parts", {});
    PutInParts(directory, "marked", WithField("cosfuse-upload-id", "0123456789"));
    clock_.Advance(std::chrono::seconds(5));
  }
  void Put(const std::string& directory, const std::string& name, const std::string& content) {
    store_.SetObject(directory + "/" + name, content);
    contents_[name] = content;
  }
  void PutInParts(const std::string& directory, const std::string& name, const ObjectMetadata& metadata) {
    const ObjectKey key = directory + "/" + name;
    const std::string content = "in parts: " + name;
    const auto id = store_.BeginUpload({}, key, metadata, {});
    ASSERT_TRUE(id);
    SpanBodySource body(AsBytes(content));
    const auto part = store_.UploadPart({}, key, *id, 1, body);
    ASSERT_TRUE(part);
    ASSERT_TRUE(store_.CompleteUpload({}, key, *id, {&*part, 1}, {}));
    contents_[name] = content;
  }
  /// Where everything is, if each object is there once; what is wrong, else.
  std::string WhereAllIs() {
    std::string where;
    for (const std::string directory : {"old", "new"}) {
      if (!store_.GetContent(directory + "/f0")) continue;
      if (!where.empty()) return "at both places: f0";
      where = directory;
    }
    if (store_.Keys().size() != contents_.size()) return std::to_string(store_.Keys().size()) + " objects";
    where += "/";
    for (const auto& [name, content] : contents_) {
      ObjectKey key = where;
      key += name;
      if (store_.GetContent(key) != content) return "wrong: " + key;
    }
    where.pop_back();
    return where;
  }
  /// Leaves a move behind at the first request of that kind after `spared` others.
  void LeaveHalfWay(StoreOperation operation, int spared) {
    killed_ = std::make_shared<Cancellation>();
    steps_ = 0;
    faulty_.SetHook([this, operation, spared](StoreOperation asked, const ObjectKey& /*key*/) {
      if (asked == operation && ++steps_ == spared + 1) Die();
    });
    EXPECT_FALSE(Rename("old", "new"));
    Bury(false);
  }
  std::optional<ErrorCode> RenameError(const std::string& from, const std::string& to) {
    const auto renamed = Rename(from, to);
    return renamed ? std::nullopt : std::optional(renamed.error().code());
  }

  FakeClock clock_;
  FakeObjectStore store_{clock_};
  FaultyObjectStore faulty_{store_, clock_};
  FakeDisk disk_;
  SeededRandom random_{1};
  int boots_ = 1;
  FileSystemOptions options_;
  std::shared_ptr<Cancellation> killed_;
  std::atomic<int> steps_ = 0;
  std::map<std::string, std::string> contents_;
  Recovered recovered_;
  std::unique_ptr<FileCache> cache_;
  std::unique_ptr<BucketFileSystem> fs_;
};

TEST_F(DirectoryMoveTest, Pitfall31_WhereverItsProcessEndsEachObjectIsThereOnceAfterTheNextStart) {
  for (const bool power_fails : {false, true}) {
    for (const bool carried_out : {false, true}) {
      bool undone = false;
      bool finished = false;
      for (int step = 1;; ++step) {
        SCOPED_TRACE(::testing::Message()
                     << "step " << step << ", carried out " << carried_out << ", power fails " << power_fails);
        Fill("old");
        DieAt(step, carried_out);
        const bool renamed = Rename("old", "new").has_value();
        const bool died = killed_->cancelled();
        Bury(power_fails);
        ASSERT_NO_FATAL_FAILURE(Start());
        ASSERT_NO_FATAL_FAILURE(Settle());
        const std::string where = WhereAllIs();
        if (renamed) {
          ASSERT_EQ(where, "new");
        } else {
          ASSERT_TRUE(where == "old" || where == "new") << where;
          (where == "old" ? undone : finished) = true;
        }
        ASSERT_LT(step, 100);
        if (!died) break;
      }
      EXPECT_TRUE(undone && finished) << "no step was on the one or the other side of the switch";
    }
  }
}

TEST_F(DirectoryMoveTest, Pitfall31_OfFiveThousandObjectsTheFailedCopyOfOneIsUndoneAndCanBeRunAgain) {
  for (int i = 0; i < 5000; ++i) store_.SetObject("old/" + std::to_string(i), std::to_string(i));
  std::atomic<int> copies = 0;
  faulty_.SetHook([&](StoreOperation operation, const ObjectKey& /*key*/) {
    if (operation == StoreOperation::kCopy && ++copies == 2500) {
      faulty_.FailNext(operation, Error(ErrorCode::kUnavailable, "injected"));
    }
  });
  EXPECT_EQ(RenameError("old", "new"), ErrorCode::kUnavailable);
  const auto left = store_.Keys();
  EXPECT_EQ(left.size(), 5000U);
  EXPECT_TRUE(std::ranges::all_of(left, [](const ObjectKey& key) { return key.starts_with("old/"); }));
  EXPECT_EQ(RenameError("old", "new"), std::nullopt);
  EXPECT_EQ(store_.Keys().size(), 5000U);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(store_.GetContent("new/" + std::to_string(i)), std::to_string(i));
}

TEST_F(DirectoryMoveTest, AnUndoneMoveLeavesWhatOthersHavePutUnderTheNewName) {
  Fill("old");
  LeaveHalfWay(StoreOperation::kList, 3);
  ASSERT_TRUE(store_.GetContent("new/f1"));
  store_.SetObject("new/f1", "another program's");
  store_.SetObject("new/other", "another program's");
  store_.RemoveObject("old/f3");
  Start();
  Settle();
  EXPECT_EQ(store_.GetContent("new/f1"), "another program's");
  EXPECT_EQ(store_.GetContent("new/other"), "another program's");
  EXPECT_EQ(store_.GetContent("new/f3"), "content 3") << "it is the last one";
  EXPECT_EQ(store_.Keys().size(), contents_.size() - 1 + 3);
  EXPECT_EQ(store_.GetContent("old/f1"), "content 1");
}

TEST_F(DirectoryMoveTest, AFinishedMoveLeavesWhatOthersHaveChangedUnderTheOldName) {
  Fill("old");
  LeaveHalfWay(StoreOperation::kDeleteMany, 0);
  store_.SetObject("old/f1", "changed");
  store_.SetObject("old/late", "made");
  store_.SetObject("old/f2", "content 2");  // The same bytes, at another time.
  store_.RemoveObject("new/f3");
  store_.SetObject("new/f4", "changed under the new name");
  Start();
  Settle();
  EXPECT_EQ(store_.GetContent("old/f1"), "changed");
  EXPECT_EQ(store_.GetContent("old/late"), "made");
  EXPECT_TRUE(store_.GetContent("old/f2"));
  EXPECT_EQ(store_.GetContent("old/f3"), "content 3") << "it is the last one";
  EXPECT_EQ(store_.GetContent("new/f4"), "changed under the new name");
  EXPECT_EQ(store_.Keys().size(), contents_.size() - 1 + 4);
}

TEST_F(DirectoryMoveTest, AMarkerThatTheTargetHadStaysWhenTheMoveIsUndone) {
  store_.SetObject("old/f", "content");
  store_.SetObject("new/", "");
  clock_.Advance(std::chrono::seconds(5));
  LeaveHalfWay(StoreOperation::kList, 4);
  Start();
  Settle();
  EXPECT_THAT(store_.Keys(), ElementsAre("new/", "old/f"));
}

TEST_F(DirectoryMoveTest, AnOldMarkerGoesAlongAfterAKill) {
  store_.SetObject("old", "", WithField("mode", std::to_string(S_IFDIR | 0711)));
  store_.SetObject("old/f", "content");
  clock_.Advance(std::chrono::seconds(5));
  LeaveHalfWay(StoreOperation::kDeleteMany, 0);
  Start();
  Settle();
  EXPECT_THAT(store_.Keys(), ElementsAre("new/", "new/f"));
}

TEST_F(DirectoryMoveTest, AnUndoThatFailsIsTriedAgainAndMeanwhileTheNamesAreBusy) {
  Fill("old");
  store_.SetObject("elsewhere/f", "content");
  faulty_.FailKey(StoreOperation::kCopy, "new/f3", Error(ErrorCode::kAccessDenied, "injected"));
  faulty_.FailNext(StoreOperation::kDeleteMany, Error(ErrorCode::kUnavailable, "injected"), FaultyObjectStore::kAlways);
  EXPECT_EQ(RenameError("old", "new"), ErrorCode::kAccessDenied);
  EXPECT_EQ(RenameError("old", "third"), ErrorCode::kBusy);
  EXPECT_EQ(RenameError("elsewhere", "new"), ErrorCode::kBusy);
  store_.RemoveObject("elsewhere/f");
  faulty_.ClearFaults();
  Settle();
  EXPECT_EQ(WhereAllIs(), "old");
  EXPECT_EQ(RenameError("old", "new"), std::nullopt);
  EXPECT_EQ(WhereAllIs(), "new");
}

TEST_F(DirectoryMoveTest, SourcesThatCannotBeDeletedYetAreDeletedLater) {
  Fill("old");
  faulty_.FailNext(StoreOperation::kDeleteMany, Error(ErrorCode::kUnavailable, "injected"), 3);
  EXPECT_EQ(RenameError("old", "new"), ErrorCode::kUnavailable);
  Settle();
  EXPECT_EQ(WhereAllIs(), "new");
}

TEST_F(DirectoryMoveTest, WhatAnUndoneMoveShowedUnderTheNewNameIsNotBelievedAnyMore) {
  End();
  options_.ttl = std::chrono::hours(1);
  Start();
  Fill("old");
  std::atomic<bool> seen = false;
  faulty_.SetHook([&](StoreOperation operation, const ObjectKey& key) {
    if (seen || operation != StoreOperation::kList || key != "old/" || !store_.GetContent("new/f1")) return;
    clock_.Advance(2 * options_.ttl);  // That it was not there is forgotten.
    const auto directory = fs_->Lookup({}, NodeId::kRoot, "new");
    if (!directory || !fs_->Lookup({}, directory->node, "f1")) return;
    seen = true;
    faulty_.FailNext(StoreOperation::kList, Error(ErrorCode::kAccessDenied, "injected"));
  });
  EXPECT_EQ(RenameError("old", "new"), ErrorCode::kAccessDenied);
  faulty_.SetHook({});
  EXPECT_TRUE(seen);
  EXPECT_EQ(WhereAllIs(), "old");
  const auto directory = fs_->Lookup({}, NodeId::kRoot, "new");
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code(), ErrorCode::kNotFound);
}

TEST_F(DirectoryMoveTest, ALongOneSaysHowFarItHasCome) {
  Fill("old");
  faulty_.SetHook([&](StoreOperation operation, const ObjectKey& /*key*/) {
    if (operation == StoreOperation::kCopy) clock_.Advance(std::chrono::seconds(2));
  });
  SetLogLevel(LogLevel::kInfo);
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(RenameError("old", "new"), std::nullopt);
  const std::string log = ::testing::internal::GetCapturedStderr();
  SetLogLevel(LogLevel::kWarning);
  EXPECT_NE(log.find("step=copy"), std::string::npos) << log;
  EXPECT_NE(log.find("of=" + std::to_string(contents_.size())), std::string::npos) << log;
}

TEST_F(DirectoryMoveTest, WithoutRoomForTheIntentNothingIsCopied) {
  Fill("old");
  const size_t before = store_.count();
  disk_.SetCapacity(disk_.used());
  // A record may still fit into the last block of the journal, so many may not.
  std::optional<ErrorCode> error;
  for (int i = 0; i < 1000 && !error; ++i) error = RenameError(i % 2 == 0 ? "old" : "new", i % 2 == 0 ? "new" : "old");
  EXPECT_EQ(error, ErrorCode::kNoSpace);
  EXPECT_GT(store_.count(), before);
  disk_.SetCapacity(kGiB);
  Settle();
  const std::string where = WhereAllIs();
  EXPECT_TRUE(where == "old" || where == "new") << where;
}

TEST_F(DirectoryMoveTest, AMoveThatHasEndedIsNotFoundAgain) {
  Fill("old");
  EXPECT_EQ(RenameError("old", "new"), std::nullopt);
  // What has the old name now is somebody else's, whatever is in it.
  const auto copied = store_.Copy({}, {.key = "new/f1"}, "old/f1", std::nullopt);
  ASSERT_TRUE(copied);
  Bury(true);
  Start();
  EXPECT_TRUE(recovered_.moves.empty());
  EXPECT_EQ(store_.GetContent("old/f1"), "content 1");
}

}  // namespace
}  // namespace cosfuse
