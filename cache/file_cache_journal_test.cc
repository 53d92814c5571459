#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cache/file_cache.h"
#include "cache/file_cache_fixture.h"
#include "cache/recovery.h"

namespace cosfuse {
namespace {

class FileCacheJournalTest : public FileCacheFixture {
 protected:
  void SetUp() override {
    StartJournal();
    Restart();
  }
  /// The process ends and another one starts. No file may be open.
  Recovered StartAgain() {
    Recovered recovered = StartJournal();
    Restart();
    return recovered;
  }
  /// The node loses its power, and comes back with another kernel. No file may be open.
  void EndNode(uint64_t seed) {
    cache_.reset();
    journal_.reset();
    SeededRandom random(seed);
    disk_.LoseUnsynced(random);
    identity_.boot_id = "boot " + std::to_string(seed);
  }
  std::vector<KeptFile> Kept() {
    size_t unreadable = 0;
    return ListKeptFiles(disk_, unreadable).value_or(std::vector<KeptFile>());
  }
  File RestoreOnly() {
    const auto kept = Kept();
    EXPECT_EQ(kept.size(), 1U);
    if (kept.size() != 1) return nullptr;
    auto file = cache_->Restore(kept[0].id, kept[0].state);
    EXPECT_TRUE(file) << file.error().ToString();
    return std::move(file).value_or(nullptr);
  }
};

TEST_F(FileCacheJournalTest, WhatIsStoredLeavesNothingBehind) {
  {
    const File file = cache_->Create(std::nullopt);
    ASSERT_TRUE(Write(*file, 0, "stored"));
    ASSERT_TRUE(file->Upload({}, To("k")));
  }
  const Recovered recovered = StartAgain();
  EXPECT_TRUE(recovered.uploads.empty());
  EXPECT_EQ(recovered.kept, 0U);
}

TEST_F(FileCacheJournalTest, Pitfall39_WhatWasWrittenAndNotClosedSurvivesTheProcess) {
  {
    const File file = cache_->Create(std::nullopt);
    file->NoteKey("dir/new");
    ASSERT_TRUE(Write(*file, 0, "written"));
    ASSERT_TRUE(Write(*file, 20, "behind a hole"));
    ASSERT_TRUE(file->Truncate(30));
  }
  EXPECT_EQ(StartAgain().newly_kept, 1U);
  const File file = RestoreOnly();
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(ReadAll(*file), "written" + std::string(13, '\0') + "behind a h");
  EXPECT_EQ(Kept()[0].state.target.key, "dir/new");
  EXPECT_TRUE(store_.Keys().empty());
}

TEST_F(FileCacheJournalTest, AnEditIsOverTheVersionThatItWasMadeOn) {
  const BaseVersion base = Stored("k", "0123456789");
  {
    const File file = cache_->OpenBase(base);
    ASSERT_TRUE(Write(*file, 3, "abc"));
  }
  StartAgain();
  {
    const File file = RestoreOnly();
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(ReadAll(*file), "012abc6789");
    ASSERT_TRUE(file->Upload({}, To("k")));
  }
  EXPECT_EQ(store_.GetContent("k"), "012abc6789");
}

TEST_F(FileCacheJournalTest, AnUploadWhoseAnswerDiedWithTheProcessIsNoConflict) {
  const BaseVersion base = Stored("k", "0123456789");
  {
    const File file = cache_->OpenBase(base);
    ASSERT_TRUE(Write(*file, 0, "new"));
    // The store carries it out, and nobody hears of it.
    faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kUnavailable), 1, FaultPoint::kAfter);
    EXPECT_FALSE(file->Upload({}, To("k")));
  }
  StartAgain();
  {
    const File file = RestoreOnly();
    ASSERT_NE(file, nullptr);
    EXPECT_TRUE(file->Upload({}, To("k")));
  }
  EXPECT_EQ(store_.GetContent("k"), "new3456789");
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"k"});
}

TEST_F(FileCacheJournalTest, Pitfall26_WhatWasPromisedDuringAnUploadIsItsOwnAfterAKill) {
  const BaseVersion base = Stored("k", "0123456789");
  {
    const File file = cache_->OpenBase(base);
    ASSERT_TRUE(Write(*file, 0, "first"));
    ASSERT_TRUE(file->Promise(To("k")));
    store_.SetHooks({}, [&, first = true](const RecordedOperation& call) mutable {
      if (call.operation != StoreOperation::kPut) return;
      // The store carries the second one out, and nobody hears of it before the end.
      if (!std::exchange(first, false)) return faulty_.StopAnswering();
      EXPECT_TRUE(Write(*file, 0, "again"));
      EXPECT_TRUE(file->Promise(To("k")));
      file->StoreSoon(To("k"), {});
      faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kUnavailable), 1, FaultPoint::kAfter);
    });
    file->StoreSoon(To("k"), {});
    while (store_.GetContent("k") != "again56789") sched_yield();
    store_.SetHooks({});
  }
  cache_.reset();
  faulty_.Answer();
  const Recovered recovered = StartAgain();
  ASSERT_EQ(recovered.uploads.size(), 1U);
  {
    const auto file = cache_->Restore(recovered.uploads[0].first, recovered.uploads[0].second);
    ASSERT_TRUE(file);
    EXPECT_TRUE((*file)->Upload({}, recovered.uploads[0].second.target));
  }
  EXPECT_EQ(store_.GetContent("k"), "again56789");
  EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"k"});
}

TEST_F(FileCacheJournalTest, AnUploadInProgressIsKnownHoweverTheJournalDescribesTheFile) {
  {
    const File file = cache_->OpenBase(Stored("k", "0123456789"));
    ASSERT_TRUE(Write(*file, 0, "new"));
    faulty_.StopAnswering();
    file->StartUpload(To("k"));
    WaitUntilHanging(1);
    file->NoteKey("k");  // Writes all of it down anew.
    const auto found = ReadJournal(disk_, identity_);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->state.files().size(), 1U);
    EXPECT_EQ(found->state.files().begin()->second.upload_ids.size(), 1U);
    faulty_.Answer();
    ASSERT_TRUE(file->WaitForUpload({}));
  }
}

TEST_F(FileCacheJournalTest, Pitfall40_WhatOthersHaveChangedMeanwhileIsAConflict) {
  {
    const File file = cache_->OpenBase(Stored("k", "base"));
    ASSERT_TRUE(Write(*file, 0, "mine"));
  }
  store_.SetObject("k", "another program's");
  StartAgain();
  {
    const File file = RestoreOnly();
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kStale);
  }
  EXPECT_EQ(store_.GetContent("k"), "another program's");
  EXPECT_EQ(store_.Keys().size(), 2U);
}

TEST_F(FileCacheJournalTest, WhatWasUnlinkedStaysGone) {
  {
    const File file = cache_->Create(std::nullopt);
    ASSERT_TRUE(Write(*file, 0, "unlinked"));
    file->Discard();
    ASSERT_TRUE(Write(*file, 0, "read and written on"));
  }
  EXPECT_EQ(StartAgain().kept, 0U);
}

TEST_F(FileCacheJournalTest, ARenamedFileIsOfferedUnderItsNewName) {
  {
    const File file = cache_->Create(std::nullopt);
    file->NoteKey("old");
    ASSERT_TRUE(Write(*file, 0, "bytes"));
    file->NoteKey("new");
  }
  StartAgain();
  ASSERT_EQ(Kept().size(), 1U);
  EXPECT_EQ(Kept()[0].state.target.key, "new");
}

TEST_F(FileCacheJournalTest, WithoutRoomForTheJournalAWriteFailsAndChangesNothing) {
  const File file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, "first"));
  disk_.SetCapacity(0);
  std::string refused;
  // The log's last block may still have room for some records.
  for (int i = 0; i < 1000 && refused.empty(); ++i) {
    const auto written = Write(*file, 0, std::to_string(10'000 + i));
    if (!written) refused = ErrorCodeName(written.error().code());
  }
  EXPECT_EQ(refused, "NoSpace");
  disk_.SetCapacity(kGiB);
  ASSERT_TRUE(Write(*file, 0, "after"));
  EXPECT_EQ(ReadAll(*file), "after");
}

TEST_F(FileCacheJournalTest, WhatWasPromisedIsStoredAsItWasThen) {
  const File file = cache_->OpenBase(Stored("k", "0123456789"));
  ASSERT_TRUE(Write(*file, 0, "promised"));
  ASSERT_TRUE(file->Promise(To("k")));
  ASSERT_TRUE(Write(*file, 4, "half of what"));
  ASSERT_TRUE(file->Truncate(6));
  file->StoreSoon(To("k"), {});
  ASSERT_TRUE(file->WaitForUpload({}));
  EXPECT_EQ(store_.GetContent("k"), "promised89");
  EXPECT_TRUE(file->dirty());
  EXPECT_EQ(ReadAll(*file), "promha");
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), "promha");
}

TEST_F(FileCacheJournalTest, APromiseDuringAnUploadIsStoredAfterItAsItWasThen) {
  const File file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, "first"));
  faulty_.StopAnswering();
  file->StartUpload(To("k"));
  WaitUntilHanging(1);
  ASSERT_TRUE(Write(*file, 0, "second"));
  ASSERT_TRUE(file->Promise(To("k")));
  file->StoreSoon(To("k"), {});
  ASSERT_TRUE(Write(*file, 0, "not closed"));
  faulty_.Answer();
  ASSERT_TRUE(file->WaitForUpload({}));
  EXPECT_EQ(store_.GetContent("k"), "second");
  EXPECT_EQ(ReadAll(*file), "not closed");
}

TEST_F(FileCacheJournalTest, WhoAsksForAllGetsMoreThanWhatWasPromised) {
  const File file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, "promised"));
  ASSERT_TRUE(file->Promise(To("k")));
  ASSERT_TRUE(Write(*file, 0, "and more"));
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), "and more");
  EXPECT_FALSE(file->dirty());
}

TEST_F(FileCacheJournalTest, APromiseThatTheStoreDoesNotTakeHoldsUpNobodyElse) {
  const File file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, "refused"));
  ASSERT_TRUE(file->Promise(To("k")));
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kNotPermitted), FaultyObjectStore::kAlways);
  file->StoreSoon(To("k"), {});
  EXPECT_TRUE(cache_->StoreEarlier({}));
  EXPECT_TRUE(file->dirty());
  EXPECT_TRUE(store_.Keys().empty());
}

TEST_F(FileCacheJournalTest, AnEmptyFileThatWasPromisedIsStoredByTheNextProcessWhateverIsWrittenToItThen) {
  {
    const File file = cache_->Create(std::nullopt);
    ASSERT_TRUE(file->Promise(To("k")));
  }
  const Recovered recovered = StartAgain();
  ASSERT_EQ(recovered.uploads.size(), 1U);
  {
    const auto file = cache_->Restore(recovered.uploads[0].first, recovered.uploads[0].second);
    ASSERT_TRUE(file) << file.error().ToString();
    ASSERT_TRUE(Write(**file, 0, "not closed"));
    (*file)->StoreSoon(To("k"), {});
    ASSERT_TRUE((*file)->WaitForUpload({}));
    EXPECT_EQ(store_.GetContent("k"), "");
  }
  EXPECT_EQ(StartAgain().newly_kept, 1U);
}

TEST_F(FileCacheJournalTest, WhoFailsToStoreWhatWasPromisedDoesNotGiveItUp) {
  const File file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, "promised"));
  ASSERT_TRUE(file->Promise(To("k")));
  faulty_.FailNext(StoreOperation::kPut, Failure(ErrorCode::kUnavailable));
  // It is tried again by itself; not before the caller has heard of the first failure.
  std::atomic<bool> heard = false;
  std::atomic<int> puts = 0;
  faulty_.SetHook([&heard, &puts](StoreOperation operation, const ObjectKey& /*key*/) {
    if (operation != StoreOperation::kPut || ++puts == 1) return;
    while (!heard) sched_yield();
  });
  EXPECT_EQ(CodeOf(file->Upload({}, To("k"))), ErrorCode::kUnavailable);
  heard = true;
  while (file->dirty()) sched_yield();
  faulty_.SetHook({});
  EXPECT_EQ(store_.GetContent("k"), "promised");
}

TEST_F(FileCacheJournalTest, Pitfall39_OnlyRefusalsInARowLetOthersPass) {
  struct Row {
    std::vector<ErrorCode> failures;
    bool passes;  // Whoever waits for it, after those.
  };
  const ErrorCode refused = ErrorCode::kAccessDenied;
  const ErrorCode down = ErrorCode::kUnavailable;
  for (const Row& row : {Row{{refused, refused, refused}, true}, Row{{down, down, down, down}, false},
                         Row{{down, down, down, refused}, false}, Row{{refused, refused, down, refused}, false},
                         Row{{down, refused, refused, refused}, true}}) {
    const File file = cache_->Create(std::nullopt);
    ASSERT_TRUE(Write(*file, 0, "promised"));
    ASSERT_TRUE(file->Promise(To("k")));
    for (const ErrorCode code : row.failures) faulty_.FailNext(StoreOperation::kPut, Failure(code));
    std::optional<bool> passed;
    std::atomic<size_t> puts = 0;
    faulty_.SetHook([&](StoreOperation operation, const ObjectKey& /*key*/) {
      if (operation != StoreOperation::kPut || ++puts != row.failures.size() + 1) return;
      passed = cache_->StoreEarlier(OpContext::Immediate()).has_value();
    });
    file->StoreSoon(To("k"), {});
    while (file->dirty()) sched_yield();
    faulty_.SetHook({});
    EXPECT_EQ(passed, row.passes) << row.failures.size() << " failures, the last one "
                                  << static_cast<int>(row.failures.back());
    store_.RemoveObject("k");
  }
}

TEST_F(FileCacheJournalTest, WhatComesAfterEarlierPromisesWaitsNeitherForItselfNorInACircle) {
  const StoreDelay barrier{.after_last = {}, .after_first = {}, .after_earlier = true};
  const File first = cache_->Create(std::nullopt);
  const File second = cache_->Create(std::nullopt);
  const auto close = [&](const File& file, const std::string& key, std::string_view text) {
    ASSERT_TRUE(file->Truncate(0));
    ASSERT_TRUE(Write(*file, 0, text));
    ASSERT_TRUE(file->Promise(To(key)));
    file->StoreSoon(To(key), barrier);
  };
  faulty_.StopAnswering();
  close(first, "a.done", "1");
  close(second, "b.done", "1");
  close(first, "a.done", "2");
  faulty_.Answer();
  EXPECT_TRUE(cache_->StoreEarlier({}));
  // Emptied since it was promised: it comes after earlier ones, too.
  const File emptied = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*emptied, 0, "bytes"));
  ASSERT_TRUE(emptied->Promise(To("c")));
  ASSERT_TRUE(emptied->Truncate(0));
  ASSERT_TRUE(emptied->Promise(To("c")));
  emptied->StoreSoon(To("c"), barrier);
  while (emptied->dirty()) sched_yield();
  EXPECT_EQ(store_.GetContent("a.done"), "2");
  EXPECT_EQ(store_.GetContent("b.done"), "1");
  EXPECT_EQ(store_.GetContent("c"), "");
}

TEST_F(FileCacheJournalTest, APromiseOfMoreLengthDuringAnUploadIsKeptByItself) {
  const File file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, "text"));
  ASSERT_TRUE(file->Promise(To("k")));
  faulty_.StopAnswering();
  file->StoreSoon(To("k"), {});
  WaitUntilHanging(1);
  ASSERT_TRUE(file->Truncate(6));
  ASSERT_TRUE(file->Promise(To("k")));
  faulty_.Answer();
  ASSERT_TRUE(file->WaitForUpload({}));
  // The journal still has it: only its beginning is stored.
  const auto found = ReadJournal(disk_, identity_);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->state.files().size(), 1U);
  EXPECT_TRUE(found->state.files().begin()->second.closed);
  file->StoreSoon(To("k"), {});
  EXPECT_TRUE(cache_->StoreEarlier({}));
  EXPECT_EQ(store_.GetContent("k"), std::string("text\0\0", 6));
  EXPECT_FALSE(file->dirty());
}

TEST_F(FileCacheJournalTest, WhatIsWrittenAfterAPromiseIsNotCoveredByIt) {
  const File file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, "promised"));
  ASSERT_TRUE(file->Promise(To("k")));
  // Not before its turn, which does not come.
  file->StoreSoon(To("k"), {.in_turn = true});
  EXPECT_TRUE(file->stored_soon_as_it_is());
  ASSERT_TRUE(Write(*file, 0, "later"));
  EXPECT_TRUE(file->stored_soon());
  EXPECT_FALSE(file->stored_soon_as_it_is());
}

TEST_F(FileCacheJournalTest, WhatWasClosedAndWrittenAgainIsStoredByARecoveryWithoutAJournal) {
  {
    const File file = cache_->Create(std::nullopt);
    ASSERT_TRUE(Write(*file, 0, "closed"));
    ASSERT_TRUE(file->Promise(To("k")));
    ASSERT_TRUE(Write(*file, 0, "opened"));
  }
  StartAgain();
  const auto kept = Kept();
  ASSERT_EQ(kept.size(), 1U);
  const auto cache = MakeFileCache(options_, faulty_, disk_, clock_, random_, nullptr);
  const auto file = cache->Restore(kept[0].id, kept[0].state);
  ASSERT_TRUE(file) << file.error().ToString();
  ASSERT_TRUE((*file)->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), "opened");
}

TEST_F(FileCacheJournalTest, Pitfall40_ANodeThatEndsAfterThePutMakesNoConflictWithItself) {
  int brought_back = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    store_.RemoveObject("k");
    {
      const File file = cache_->Create(std::nullopt);
      ASSERT_TRUE(Write(*file, 0, "promised"));
      ASSERT_TRUE(file->Promise(To("k")));
      file->StoreSoon(To("k"), {});
      ASSERT_TRUE(file->WaitForUpload({}));
    }
    EndNode(seed);
    const Recovered recovered = StartAgain();
    brought_back += static_cast<int>(recovered.uploads.size());
    for (const auto& [id, state] : recovered.uploads) {
      const auto file = cache_->Restore(id, state);
      ASSERT_TRUE(file) << file.error().ToString();
      EXPECT_TRUE((*file)->Upload({}, state.target));
    }
    EXPECT_EQ(store_.GetContent("k"), "promised");
    EXPECT_EQ(store_.Keys(), std::vector<ObjectKey>{"k"});
  }
  EXPECT_GT(brought_back, 0) << "what was stored is always known for certain";
}

TEST_F(FileCacheJournalTest, WhatIsRemovedAfterItWasStoredDoesNotComeBackWithTheNode) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    {
      const File file = cache_->Create(std::nullopt);
      ASSERT_TRUE(Write(*file, 0, "promised"));
      ASSERT_TRUE(file->Promise(To("k")));
      file->StoreSoon(To("k"), {});
      ASSERT_TRUE(cache_->StoreEarlier({}));
      store_.RemoveObject("k");
    }
    EndNode(seed);
    EXPECT_TRUE(StartAgain().uploads.empty()) << "seed " << seed;
  }
}

TEST_F(FileCacheJournalTest, Pitfall40_WhatIsChangedAfterItWasStoredMeetsNoConflictWhenTheNodeIsBack) {
  const auto edit = [this](const BaseVersion& stored) {
    const File file = cache_->OpenBase(stored);
    ASSERT_TRUE(Write(*file, 0, "edited"));
    EXPECT_TRUE(file->Upload({}, To("k")));
  };
  const auto change_attributes = [this](const BaseVersion& stored) {
    EXPECT_TRUE(cache_->ExpectOwnCopy({}, stored, "an id"));
  };
  for (const std::function<void(const BaseVersion&)>& change :
       {std::function(edit), std::function(change_attributes)}) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      store_.RemoveObject("k");
      {
        const File file = cache_->Create(std::nullopt);
        ASSERT_TRUE(Write(*file, 0, "promised"));
        ASSERT_TRUE(file->Promise(To("k")));
        file->StoreSoon(To("k"), {});
        ASSERT_TRUE(file->WaitForUpload({}));
      }
      const auto stored = store_.GetInfo("k");
      ASSERT_TRUE(stored);
      change({"k", stored->etag, stored->size});
      EndNode(seed);
      EXPECT_TRUE(StartAgain().uploads.empty()) << "seed " << seed;
    }
  }
}

TEST_F(FileCacheJournalTest, Pitfall40_WhatARenameReplacedIsReplacedLaterOnlyIfItIsStillThat) {
  for (const bool changed : {false, true}) {
    const ETag etag = store_.SetObject("k", "replaced");
    {
      const File file = cache_->Create(std::nullopt);
      ASSERT_TRUE(Write(*file, 0, "renamed"));
      UploadTarget target = To("k");
      target.mode = WriteMode::kReplaceAny;
      target.replaced = etag;
      ASSERT_TRUE(file->Promise(target));
    }
    if (changed) store_.SetObject("k", "another program's");
    const Recovered recovered = StartAgain();
    ASSERT_EQ(recovered.uploads.size(), 1U);
    const auto& [id, state] = recovered.uploads[0];
    const auto file = cache_->Restore(id, state);
    ASSERT_TRUE(file) << file.error().ToString();
    const auto stored = (*file)->Upload({}, state.target);
    EXPECT_EQ(stored.has_value(), !changed);
    EXPECT_EQ(store_.GetContent("k"), changed ? "another program's" : "renamed");
    EXPECT_EQ(store_.Keys().size(), changed ? 2U : 1U) << "the loser's bytes are beside it";
  }
}

TEST_F(FileCacheJournalTest, Pitfall25_WhatReplacesAnyVersionDoesSoOnce) {
  store_.SetObject("k", "is to be replaced");
  const File file = cache_->Create(std::nullopt);
  ASSERT_TRUE(Write(*file, 0, "renamed"));
  UploadTarget target = To("k");
  target.mode = WriteMode::kReplaceAny;
  ASSERT_TRUE(file->Promise(target));
  // While the first upload is under way, attributes are promised anew; another program writes before the second.
  std::atomic<int> puts = 0;
  faulty_.SetHook([&](StoreOperation operation, const ObjectKey& key) {
    if (operation != StoreOperation::kPut || key != "k") return;
    ++puts;
    if (puts == 1) {
      UploadTarget again = target;
      again.order = 1;
      again.metadata.user["mode"] = "33152";
      EXPECT_TRUE(file->Promise(again));
      file->StoreSoon(again, {});
    } else if (puts == 2) {
      EXPECT_EQ(store_.GetContent("k"), "renamed");
      store_.SetObject("k", "another program's");
    }
  });
  file->StoreSoon(target, {});
  while (file->dirty()) sched_yield();
  faulty_.SetHook({});
  EXPECT_EQ(puts, 2);
  EXPECT_EQ(store_.GetContent("k"), "another program's");
  EXPECT_EQ(store_.Keys().size(), 2U) << "these bytes are beside it";
}

TEST_F(FileCacheJournalTest, UploadsInPartsThatAreLeftAreAborted) {
  const auto upload = store_.BeginUpload({}, "k", {}, {});
  ASSERT_TRUE(upload);
  cache_->AbortUploads({{*upload, "k"}});
  while (store_.open_uploads() > 0) sched_yield();
}

}  // namespace
}  // namespace cosfuse
