#include "cache/recovery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/encoding.h"
#include "base/random.h"
#include "cache/content_layers.h"
#include "cache/fake_disk.h"
#include "cache/move_journal.h"

namespace cosfuse {
namespace {

/// A file with bytes in layer 1, and what was written after it was closed in layer 2.
JournaledFile LeftFile(bool closed, bool written_since) {
  JournaledFile file;
  file.target.key = "dir/name";
  file.content.Write(LayerId{1}, {0, 10});
  if (closed) file.closed = ContentSnapshot{LayerId{1}, 10};
  if (written_since) file.content.Write(LayerId{2}, {5, 20});
  return file;
}

JournaledFile UpToClosed(JournaledFile file) {
  file.content.ReturnTo(*file.closed);
  file.closed->top = file.content.layers.back().id;
  return file;
}

TEST(PlanRecovery, DecidesByWhatAProgramWasTold) {
  const JournaledFile open = LeftFile(false, true);
  const JournaledFile closed = LeftFile(true, false);
  const JournaledFile reopened = LeftFile(true, true);
  const JournaledFile nothing;
  struct Row {
    const char* what;
    JournaledFile file;
    JournalEnd end;
    RecoveryPlan plan;
  };
  const std::vector<Row> rows = {
      {"never closed", open, {}, {.upload = {}, .keep = open}},
      {"closed", closed, {}, {.upload = closed, .keep = {}}},
      {"closed, and written since", reopened, {}, {.upload = UpToClosed(reopened), .keep = reopened}},
      {"new and empty", nothing, {}, {}},
      {"never closed, and never synced", open, {.other_boot = true}, {}},
      {"closed is synced", closed, {.other_boot = true}, {.upload = closed, .keep = {}}},
      {"written since is not synced", reopened, {.other_boot = true}, {.upload = UpToClosed(reopened), .keep = {}}},
      {"may have been closed again", closed, {.damaged = true}, {.upload = {}, .keep = closed}},
      {"both are in doubt", reopened, {.damaged = true}, {.upload = {}, .keep = reopened}},
      {"in doubt, and synced",
       reopened,
       {.other_boot = true, .damaged = true},
       {.upload = {}, .keep = UpToClosed(reopened)}},
  };
  for (const Row& row : rows) EXPECT_EQ(PlanRecovery(row.file, row.end), row.plan) << row.what;
}

TEST(FindReplaced, IsWhatARenameWasAboutToGiveUp) {
  std::map<JournalFileId, JournaledFile> files;
  for (const uint64_t id : {1, 2, 3}) {
    files[JournalFileId{id}] = LeftFile(true, false);
    files[JournalFileId{id}].closed_order = 10 * id;
  }
  files[JournalFileId{3}].target.key = "another name";
  files[JournalFileId{4}] = LeftFile(false, true);
  EXPECT_TRUE(FindReplaced(files).empty());
  files[JournalFileId{2}].target.mode = WriteMode::kReplaceAny;
  EXPECT_EQ(FindReplaced(files), std::set{JournalFileId{1}});
  files[JournalFileId{5}] = files[JournalFileId{2}];
  files[JournalFileId{5}].closed_order = 15;
  EXPECT_EQ(FindReplaced(files), (std::set{JournalFileId{1}, JournalFileId{5}})) << "the last one has the name";
}

TEST(PlanRecovery, WhatWasToReplaceAnyVersionReplacesWhatItKnew) {
  JournaledFile file = LeftFile(true, false);
  file.target.mode = WriteMode::kReplaceAny;
  EXPECT_EQ(PlanRecovery(file, {}).upload->target.mode, WriteMode::kReplaceAny) << "of a drop box, which knows nothing";
  file.target.replaced = ETag();
  EXPECT_EQ(PlanRecovery(file, {}).upload->target.mode, WriteMode::kOverBase);
  EXPECT_EQ(PlanRecovery(file, {}).upload->base, std::nullopt);
  file.target.replaced = ETag{"e"};
  const RecoveryPlan plan = PlanRecovery(file, {});
  EXPECT_EQ(plan.upload->target.mode, WriteMode::kOverBase);
  ASSERT_TRUE(plan.upload->base);
  EXPECT_EQ(plan.upload->base->etag, ETag{"e"});
  EXPECT_EQ(plan.upload->base->key, "dir/name");
}

class RecoveryTest : public testing::Test {
 protected:
  static constexpr JournalFileId kFile{1};

  Recovered Recover() {
    auto recovered = RecoverCacheDirectory(disk_, identity_, WallTime());
    EXPECT_TRUE(recovered) << recovered.error().ToString();
    return recovered ? *std::move(recovered) : Recovered();
  }
  std::vector<KeptFile> Kept() {
    size_t unreadable = 0;
    auto kept = ListKeptFiles(disk_, unreadable);
    EXPECT_TRUE(kept);
    EXPECT_EQ(unreadable, 0U);
    return std::move(kept).value_or(std::vector<KeptFile>());
  }
  void Stage(JournalFileId file, LayerId layer, ByteCount offset, std::string_view text) {
    const std::string name = StagingFileName(file, layer);
    auto staged = disk_.OpenFile(name);
    if (!staged) staged = disk_.CreateFile(name);
    ASSERT_TRUE(staged) << staged.error().ToString();
    ASSERT_TRUE((*staged)->Write(offset, AsBytes(text)));
  }
  /// Writes to the file as a process does that then dies.
  void WriteTo(Journal& journal, JournalFileId file, LayerId layer, ByteCount offset, std::string_view text) {
    Stage(file, layer, offset, text);
    ASSERT_TRUE(journal.Append(JournalWrite{file, layer, {offset, text.size()}}));
  }
  static JournalFileRecord NewFile(JournalFileId file, const std::string& key) {
    JournalFileRecord record{file, {}};
    record.state.target.key = key;
    return record;
  }
  std::string ContentOf(JournalFileId id, const JournaledFile& file) {
    std::string content;
    for (const ContentSegment& segment : ContentLayers(file.content).PlanRead({0, file.content.size})) {
      std::string bytes(segment.range.length, '\0');
      if (segment.source == ContentSegment::Source::kLayer) {
        const auto staged = disk_.OpenFile(StagingFileName(id, segment.layer));
        if (!staged) return staged.error().ToString();
        EXPECT_TRUE((*staged)->Read(segment.range.offset, std::as_writable_bytes(std::span(bytes))));
      }
      content += bytes;
    }
    return content;
  }
  std::vector<std::string> StagedNames() {
    auto names = disk_.ListNames(std::string(kStagingDirectory)).value_or(std::vector<std::string>());
    std::ranges::sort(names);
    return names;
  }

  FakeDisk disk_;
  JournalIdentity identity_{.store = "https://s3/bucket", .boot_id = "boot-1"};
  SeededRandom random_{1};
};

TEST_F(RecoveryTest, AnEmptyDirectoryGivesAnEmptyJournal) {
  const Recovered recovered = Recover();
  ASSERT_NE(recovered.journal, nullptr);
  EXPECT_TRUE(recovered.uploads.empty());
  EXPECT_EQ(recovered.kept, 0U);
}

TEST_F(RecoveryTest, WhatWasNeverClosedIsKeptForAPerson) {
  {
    const Recovered first = Recover();
    ASSERT_TRUE(first.journal->Append(NewFile(kFile, "dir/name")));
    WriteTo(*first.journal, kFile, LayerId{1}, 0, "written");
  }
  const Recovered recovered = Recover();
  EXPECT_TRUE(recovered.uploads.empty());
  EXPECT_EQ(recovered.newly_kept, 1U);
  ASSERT_EQ(Kept().size(), 1U);
  EXPECT_EQ(Kept()[0].state.target.key, "dir/name");
  EXPECT_EQ(ContentOf(Kept()[0].id, Kept()[0].state), "written");
  // It is there until it is removed, however often a process starts.
  const Recovered again = Recover();
  EXPECT_EQ(again.newly_kept, 0U);
  EXPECT_EQ(again.kept, 1U);
  for (const Recovered* const each : {&recovered, &again}) {
    EXPECT_EQ(each->kept_bytes, FakeDisk::kBlock);
    EXPECT_EQ(each->staged_bytes, FakeDisk::kBlock);
  }
  EXPECT_EQ(ContentOf(Kept()[0].id, Kept()[0].state), "written");
  ASSERT_TRUE(RemoveKeptFile(disk_, Kept()[0]));
  EXPECT_TRUE(Kept().empty());
  EXPECT_TRUE(StagedNames().empty());
}

TEST_F(RecoveryTest, WhatWasClosedGoesOnAndStaysInTheJournal) {
  {
    const Recovered first = Recover();
    ASSERT_TRUE(first.journal->Append(NewFile(kFile, "dir/name")));
    WriteTo(*first.journal, kFile, LayerId{1}, 0, "closed");
    ASSERT_TRUE(first.journal->Append(JournalClosed{kFile, {LayerId{1}, 6}}));
  }
  for (int start = 0; start < 3; ++start) {
    const Recovered recovered = Recover();
    ASSERT_EQ(recovered.uploads.size(), 1U);
    EXPECT_EQ(recovered.uploads[0].second.target.key, "dir/name");
    EXPECT_EQ(ContentOf(recovered.uploads[0].first, recovered.uploads[0].second), "closed");
    EXPECT_EQ(recovered.kept, 0U);
    EXPECT_EQ(recovered.kept_bytes, 0U);
    EXPECT_EQ(recovered.staged_bytes, FakeDisk::kBlock);
  }
}

TEST_F(RecoveryTest, WhatWasWrittenAfterACloseIsKeptBesideWhatGoesOn) {
  {
    const Recovered first = Recover();
    ASSERT_TRUE(first.journal->Append(NewFile(kFile, "dir/name")));
    WriteTo(*first.journal, kFile, LayerId{1}, 0, "closed");
    ASSERT_TRUE(first.journal->Append(JournalClosed{kFile, {LayerId{1}, 6}}));
    WriteTo(*first.journal, kFile, LayerId{2}, 2, "OPEN!");
  }
  const Recovered recovered = Recover();
  ASSERT_EQ(recovered.uploads.size(), 1U);
  EXPECT_NE(recovered.uploads[0].first, kFile);
  ASSERT_EQ(Kept().size(), 1U);
  EXPECT_EQ(ContentOf(Kept()[0].id, Kept()[0].state), "clOPEN!");
  // Either is whole without the other.
  ASSERT_TRUE(RemoveKeptFile(disk_, Kept()[0]));
  EXPECT_EQ(ContentOf(recovered.uploads[0].first, recovered.uploads[0].second), "closed");
}

TEST_F(RecoveryTest, AfterTheNodeHasEndedOnlyWhatWasClosedCounts) {
  for (int round = 0; round < 50; ++round) {
    {
      const Recovered first = Recover();
      for (const auto& [id, file] : first.uploads) ASSERT_TRUE(first.journal->Append(JournalGone{id}));
      const JournalFileId small = first.journal->NewFileId();
      const JournalFileId open = first.journal->NewFileId();
      ASSERT_TRUE(first.journal->Append(NewFile(small, "closed")));
      WriteTo(*first.journal, small, LayerId{1}, 0, "closed bytes");
      ASSERT_TRUE(first.journal->Append(JournalBytes{small, LayerId{1}, 0, "closed bytes"}));
      ASSERT_TRUE(first.journal->Append(JournalClosed{small, {LayerId{1}, 12}}));
      ASSERT_TRUE(first.journal->Sync());
      ASSERT_TRUE(first.journal->Append(NewFile(open, "open")));
      WriteTo(*first.journal, open, LayerId{1}, 0, "never closed");
      WriteTo(*first.journal, small, LayerId{2}, 0, "since");
    }
    disk_.LoseUnsynced(random_);
    identity_.boot_id = "boot-" + std::to_string(round + 2);
    const Recovered recovered = Recover();
    ASSERT_EQ(recovered.uploads.size(), 1U);
    ASSERT_EQ(ContentOf(recovered.uploads[0].first, recovered.uploads[0].second), "closed bytes");
    ASSERT_TRUE(Kept().empty());
  }
}

TEST_F(RecoveryTest, AStartSyncsNoFileAndIsStillSafeFromTheEndOfTheNode) {
  constexpr uint64_t kFiles = 100;
  {
    const Recovered first = Recover();
    for (uint64_t id = kFiles; id > 0; --id) {
      const JournalFileId file{id};
      const std::string text = "closed bytes " + std::to_string(id);
      ASSERT_TRUE(first.journal->Append(NewFile(file, "f" + std::to_string(id))));
      WriteTo(*first.journal, file, LayerId{1}, 0, text);
      ASSERT_TRUE(first.journal->Append(JournalBytes{file, LayerId{1}, 0, text}));
      ASSERT_TRUE(first.journal->Append(JournalClosed{file, {LayerId{1}, text.size()}}));
    }
    WriteTo(*first.journal, JournalFileId{7}, LayerId{2}, 0, "since then");
    ASSERT_TRUE(first.journal->Sync());
  }
  for (int round = 0; round < 10; ++round) {
    const size_t synced = disk_.syncs();
    const Recovered recovered = Recover();
    EXPECT_LE(disk_.syncs() - synced, 6U);
    ASSERT_EQ(recovered.uploads.size(), kFiles);
    const auto promised = ListPromisedFiles(disk_);
    ASSERT_TRUE(promised);
    ASSERT_EQ(promised->size(), kFiles);
    EXPECT_EQ(promised->front(), "f" + std::to_string(kFiles));
    for (size_t i = 0; i < kFiles; ++i) {
      const auto& [id, file] = recovered.uploads[i];
      EXPECT_EQ(file.target.key, "f" + std::to_string(kFiles - i)) << "in the order of the closes";
      EXPECT_EQ(ContentOf(id, file), "closed bytes " + std::to_string(kFiles - i));
    }
    if (round == 0) {
      EXPECT_EQ(recovered.newly_kept, 1U);
    }
    disk_.LoseUnsynced(random_);
    identity_.boot_id = "boot-" + std::to_string(round + 2);
  }
}

TEST_F(RecoveryTest, StagingFilesThatNothingRefersToAreRemoved) {
  Recover();
  Stage(JournalFileId{77}, LayerId{1}, 0, "left by a reader");
  Recover();
  EXPECT_TRUE(StagedNames().empty());
}

TEST_F(RecoveryTest, AClosedFileWhoseBytesAreGoneHadBeenStored) {
  {
    const Recovered first = Recover();
    ASSERT_TRUE(first.journal->Append(NewFile(kFile, "dir/name")));
    WriteTo(*first.journal, kFile, LayerId{1}, 0, "closed");
    ASSERT_TRUE(first.journal->Append(JournalClosed{kFile, {LayerId{1}, 6}}));
    ASSERT_TRUE(disk_.RemoveFile(StagingFileName(kFile, LayerId{1})));
  }
  const Recovered recovered = Recover();
  EXPECT_TRUE(recovered.uploads.empty());
  EXPECT_EQ(recovered.kept, 0U);
}

TEST_F(RecoveryTest, UploadsInPartsAreFoundUntilTheyHaveEnded) {
  {
    const Recovered first = Recover();
    ASSERT_TRUE(first.journal->Append(JournalPartsBegun{"key", "upload-1"}));
  }
  const std::map<std::string, ObjectKey> left = {{"upload-1", "key"}};
  EXPECT_EQ(Recover().open_uploads, left);
  const Recovered recovered = Recover();
  EXPECT_EQ(recovered.open_uploads, left);
  ASSERT_TRUE(recovered.journal->Append(JournalPartsEnded{"upload-1"}));
  EXPECT_TRUE(Recover().open_uploads.empty());
}

TEST_F(RecoveryTest, Pitfall31_AMoveIsFoundUntilItHasEnded) {
  const JournaledCopy copy{{"etag"}, WallTime(std::chrono::seconds(5)), {"copy"}};
  std::string id;
  {
    const Recovered first = Recover();
    MoveJournal moves(first.journal.get());
    id = moves.Begin("from/", "to/", true).value_or("");
    ASSERT_TRUE(moves.NoteCopied(id, "from/a", copy));
  }
  std::map<std::string, JournaledMove> left = {
      {id, {.from = "from/", .to = "to/", .target_was_there = true, .copies = {{"from/a", copy}}}}};
  EXPECT_EQ(Recover().moves, left);
  {
    const Recovered recovered = Recover();
    EXPECT_EQ(recovered.moves, left);
    ASSERT_TRUE(MoveJournal(recovered.journal.get()).Switch(id));
  }
  const JournalIdentity other{.store = "https://s3/other", .boot_id = identity_.boot_id};
  EXPECT_EQ(RecoverCacheDirectory(disk_, other, WallTime()).error().code(), ErrorCode::kInvalidArgument);
  left.at(id).switched = true;
  {
    const Recovered recovered = Recover();
    EXPECT_EQ(recovered.moves, left);
    ASSERT_TRUE(MoveJournal(recovered.journal.get()).End(id));
  }
  EXPECT_TRUE(Recover().moves.empty());
}

TEST_F(RecoveryTest, Pitfall31_WhatAMoveWasToldIsThereAfterALossOfPower) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    FakeDisk disk;
    SeededRandom random(seed);
    std::string id;
    {
      const auto first = RecoverCacheDirectory(disk, identity_, WallTime());
      ASSERT_TRUE(first);
      MoveJournal moves(first->journal.get());
      id = moves.Begin("from/", "to/", false).value_or("");
      for (int i = 0; i < 50; ++i) ASSERT_TRUE(moves.NoteCopied(id, "from/" + std::to_string(i), {}));
      ASSERT_TRUE(moves.Switch(id));
      ASSERT_TRUE(moves.Sync());
    }
    disk.LoseUnsynced(random);
    {
      const auto recovered = RecoverCacheDirectory(disk, {.store = identity_.store, .boot_id = "boot-2"}, WallTime());
      ASSERT_TRUE(recovered);
      ASSERT_EQ(recovered->moves.size(), 1U) << seed;
      EXPECT_TRUE(recovered->moves.at(id).switched) << seed;
      EXPECT_EQ(recovered->moves.at(id).copies.size(), 50U) << seed;
      ASSERT_TRUE(MoveJournal(recovered->journal.get()).End(id));
    }
    disk.LoseUnsynced(random);
    const auto recovered = RecoverCacheDirectory(disk, {.store = identity_.store, .boot_id = "boot-3"}, WallTime());
    ASSERT_TRUE(recovered);
    EXPECT_TRUE(recovered->moves.empty()) << seed;
  }
}

TEST_F(RecoveryTest, Pitfall39_ARemovalIsFoundUntilItHasEnded) {
  const std::map<ObjectKey, JournaledRemoval> left = {{"key", {.etag = {"etag"}}}};
  ASSERT_TRUE(Recover().journal->Append(JournalRemovalBegun{"key", left.at("key")}));
  EXPECT_EQ(Recover().removals, left);
  {
    const Recovered recovered = Recover();
    EXPECT_EQ(recovered.removals, left);
    ASSERT_TRUE(recovered.journal->Append(JournalRemovalEnded{"key"}));
  }
  EXPECT_TRUE(Recover().removals.empty());
}

TEST_F(RecoveryTest, ADamagedJournalMovesAndRemovesNothing) {
  {
    const Recovered first = Recover();
    MoveJournal moves(first.journal.get());
    const std::string id = moves.Begin("from/", "to/", true).value_or("");
    ASSERT_TRUE(moves.Switch(id));
    ASSERT_TRUE(first.journal->Append(JournalRemovalBegun{"key", {.etag = {"etag"}}}));
    ASSERT_TRUE(moves.Begin("other/", "name/", true));
  }
  const auto log = disk_.OpenFile("journal");
  ASSERT_TRUE(log);
  std::string whole(1000, '\0');
  whole.resize((*log)->Read(0, std::as_writable_bytes(std::span(whole))).value_or(0));
  const size_t at = whole.find("other/");
  ASSERT_NE(at, std::string::npos);
  ASSERT_TRUE((*log)->Write(at, AsBytes("OTHER/")));
  // The record is the last one: that is an end in the middle of it, and no damage.
  EXPECT_EQ(Recover().moves.size(), 1U);
  {
    const Recovered again = Recover();
    EXPECT_EQ(again.removals.size(), 1U);
    ASSERT_TRUE(MoveJournal(again.journal.get()).Begin("third/", "name/", true));
  }
  const auto anew = disk_.OpenFile("journal");
  ASSERT_TRUE(anew);
  whole.resize(1000);
  whole.resize((*anew)->Read(0, std::as_writable_bytes(std::span(whole))).value_or(0));
  ASSERT_TRUE((*anew)->Write(whole.find("from/"), AsBytes("FROM/")));
  const Recovered damaged = Recover();
  EXPECT_TRUE(damaged.moves.empty());
  EXPECT_TRUE(damaged.removals.empty());
}

TEST_F(RecoveryTest, NumbersOfKeptFilesAreNotUsedAgain) {
  {
    const Recovered first = Recover();
    ASSERT_TRUE(first.journal->Append(NewFile(first.journal->NewFileId(), "dir/name")));
    WriteTo(*first.journal, kFile, LayerId{1}, 0, "written");
  }
  Recover();
  EXPECT_EQ(Recover().journal->NewFileId(), JournalFileId{2});
}

TEST_F(RecoveryTest, TheJournalOfAnotherStoreIsLeftAlone) {
  {
    const Recovered first = Recover();
    ASSERT_TRUE(first.journal->Append(NewFile(kFile, "dir/name")));
    WriteTo(*first.journal, kFile, LayerId{1}, 0, "written");
  }
  identity_.store = "https://s3/other";
  EXPECT_EQ(RecoverCacheDirectory(disk_, identity_, WallTime()).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(StagedNames().size(), 1U);
  identity_.store = "https://s3/bucket";
  EXPECT_EQ(Recover().newly_kept, 1U);
}

// Cut at each byte, or with each byte changed, the journal yields what it can, and no wrong byte goes on.
TEST_F(RecoveryTest, NoDamageMakesWrongBytesGoOn) {
  {
    const Recovered first = Recover();
    ASSERT_TRUE(first.journal->Append(NewFile(kFile, "dir/name")));
    WriteTo(*first.journal, kFile, LayerId{1}, 0, "first");
    ASSERT_TRUE(first.journal->Append(JournalClosed{kFile, {LayerId{1}, 5}}));
    WriteTo(*first.journal, kFile, LayerId{2}, 0, "second");
    ASSERT_TRUE(first.journal->Append(JournalClosed{kFile, {LayerId{2}, 6}}));
  }
  std::string whole(1000, '\0');
  whole.resize((*disk_.OpenFile("journal"))->Read(0, std::as_writable_bytes(std::span(whole))).value_or(0));
  const std::string first_layer = StagingFileName(kFile, LayerId{1});
  for (size_t at = 0; at < 2 * whole.size(); ++at) {
    FakeDisk disk;
    std::string log = whole;
    if (at < whole.size()) {
      log[at] = static_cast<char>(log[at] ^ 0x10);
    } else {
      log.resize(at - whole.size());
    }
    ASSERT_TRUE((*disk.CreateFile("journal"))->Write(0, AsBytes(log)));
    ASSERT_TRUE((*disk.CreateFile(first_layer))->Write(0, AsBytes("first")));
    ASSERT_TRUE((*disk.CreateFile(StagingFileName(kFile, LayerId{2})))->Write(0, AsBytes("second")));
    const auto recovered = RecoverCacheDirectory(disk, identity_, WallTime());
    ASSERT_TRUE(recovered) << at << " " << recovered.error().ToString();
    for (const auto& [id, file] : recovered->uploads) {
      ASSERT_TRUE(file.closed == (ContentSnapshot{LayerId{1}, 5}) || file.closed == (ContentSnapshot{LayerId{2}, 6}));
      // Of a file that a broken journal may know more about, nothing is sent by itself.
      ASSERT_GE(at, whole.size() - 40) << "a damaged journal sends";
    }
    // No byte that was there is gone: it goes on, waits for a person, or lies beside the damaged journal.
    const auto names = disk.file_names();
    const auto second = std::ranges::count_if(names, [&](const std::string& name) { return name.ends_with("1-2"); });
    ASSERT_TRUE(second > 0 || at >= whole.size()) << at;
  }
}

}  // namespace
}  // namespace cosfuse
