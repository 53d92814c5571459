#include "cache/journal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "base/encoding.h"
#include "base/random.h"
#include "base/thread_pool.h"
#include "cache/fake_disk.h"

namespace cosfuse {
namespace {

class JournalTest : public testing::Test {
 protected:
  static constexpr JournalFileId kFile{1};

  std::unique_ptr<Journal> Begin(std::span<const JournalRecord> records = {}) {
    auto journal = Journal::Begin(disk_, identity_, JournalFileId{1}, records);
    EXPECT_TRUE(journal) << journal.error().ToString();
    return std::move(journal).value_or(nullptr);
  }
  JournalFound Read() {
    auto found = ReadJournal(disk_, identity_);
    EXPECT_TRUE(found) << found.error().ToString();
    return std::move(found).value_or(JournalFound());
  }
  static JournalFileRecord NewFile(JournalFileId file = kFile) {
    JournalFileRecord record{file, {}};
    record.state.target.key = "key";
    return record;
  }
  static JournalWrite WriteOf(ByteRange range) { return {kFile, LayerId{1}, range}; }

  FakeDisk disk_;
  JournalIdentity identity_{.store = "https://s3/bucket", .boot_id = "boot-1"};
  SeededRandom random_{1};
};

TEST_F(JournalTest, NoneIsEmpty) {
  const JournalFound found = Read();
  EXPECT_TRUE(found.state.files().empty());
  EXPECT_FALSE(found.other_boot);
}

TEST_F(JournalTest, WhatWasAppendedIsThereWithoutASync) {
  {
    const auto journal = Begin();
    ASSERT_TRUE(journal->Append(NewFile()));
    ASSERT_TRUE(journal->Append(WriteOf({0, 10})));
  }
  const JournalFound found = Read();
  EXPECT_EQ(found.end, JournalScan::End::kWhole);
  ASSERT_TRUE(found.state.files().contains(kFile));
  EXPECT_EQ(found.state.files().at(kFile).content.size, 10U);
}

TEST_F(JournalTest, WhatWasSyncedSurvivesTheNode) {
  for (int round = 0; round < 100; ++round) {
    {
      const auto journal = Begin();
      ASSERT_TRUE(journal->Append(NewFile()));
      for (ByteCount at = 0; at < 300; ++at) ASSERT_TRUE(journal->Append(WriteOf({at, 1})));
      ASSERT_TRUE(journal->Sync());
      for (ByteCount at = 300; at < 600; ++at) ASSERT_TRUE(journal->Append(WriteOf({at, 1})));
    }
    disk_.LoseUnsynced(random_);
    const JournalFound found = Read();
    ASSERT_TRUE(found.state.files().contains(kFile));
    EXPECT_GE(found.state.files().at(kFile).content.size, 300U);
    EXPECT_LE(found.state.files().at(kFile).content.size, 600U);
  }
}

TEST_F(JournalTest, AnotherBootIsNoticed) {
  Begin();
  identity_.boot_id = "boot-2";
  EXPECT_TRUE(Read().other_boot);
}

TEST_F(JournalTest, TheJournalOfAnotherStoreIsRefusedAndLeftAlone) {
  ASSERT_TRUE(Begin()->Append(NewFile()));
  JournalIdentity other = identity_;
  other.store = "https://s3/other";
  const auto refused = ReadJournal(disk_, other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message().find("https://s3/bucket"), std::string::npos);
  EXPECT_TRUE(Read().state.files().contains(kFile));
}

TEST_F(JournalTest, OfAnotherStoreAnEmptyOneIsInNobodysWay) {
  Begin();
  identity_.store = "https://s3/other";
  EXPECT_TRUE(Read().state.files().empty());
}

TEST_F(JournalTest, AnotherVersionIsRefused) {
  std::string log;
  AppendJournalFrame(log,
                     EncodeJournalRecord(JournalHeader{.version = 9, .store = "https://s3/bucket", .boot_id = ""}));
  ASSERT_TRUE((*disk_.CreateFile("journal"))->Write(0, AsBytes(log)));
  const auto refused = ReadJournal(disk_, identity_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
}

TEST_F(JournalTest, ATornEndIsCutOff) {
  ASSERT_TRUE(Begin()->Append(NewFile()));
  const auto log = disk_.OpenFile("journal");
  ASSERT_TRUE((*log)->Write(*(*log)->Size(), AsBytes("half a record")));
  const JournalFound found = Read();
  EXPECT_EQ(found.end, JournalScan::End::kTorn);
  EXPECT_EQ(found.unused, 13U);
  EXPECT_TRUE(found.state.files().contains(kFile));
}

TEST_F(JournalTest, BytesAreFoundUntilTheirLayerIsMergedOrStored) {
  const JournalBytes bytes{kFile, LayerId{1}, 0, "0123456789"};
  const std::vector<JournalRecord> first = {NewFile(), WriteOf({0, 10}), bytes};
  const auto journal = Begin();
  ASSERT_TRUE(journal->Append(first));
  EXPECT_EQ(Read().bytes, std::vector{bytes});
  ASSERT_TRUE(journal->Append(JournalWrite{kFile, LayerId{2}, {5, 1}}));
  ASSERT_TRUE(journal->Append(JournalMerge{kFile, LayerId{2}, LayerId{1}}));
  EXPECT_TRUE(Read().bytes.empty());
  ASSERT_TRUE(journal->Append(bytes));
  ASSERT_TRUE(journal->Append(JournalStored{kFile, {LayerId{1}, 10}, {"key", {"etag"}, 10, ""}}));
  EXPECT_TRUE(Read().bytes.empty());
}

TEST_F(JournalTest, CallersThatMeetShareOneSync) {
  constexpr size_t kCallers = 16;
  const auto journal = Begin();
  ASSERT_TRUE(journal->Append(NewFile()));
  std::atomic<size_t> appended = 0;
  // The first sync lasts until all have appended: one more covers them.
  disk_.SetBeforeSync([&] {
    for (size_t seen = appended; seen < kCallers; seen = appended) appended.wait(seen);
  });
  const size_t before = disk_.syncs();
  {
    ThreadPool pool({.name = "callers", .max_threads = kCallers});
    for (size_t i = 0; i < kCallers; ++i) {
      pool.Post([&] {
        EXPECT_TRUE(journal->Append(WriteOf({0, 1})));
        ++appended;
        appended.notify_all();
        EXPECT_TRUE(journal->Sync());
      });
    }
  }
  EXPECT_LE(disk_.syncs() - before, 2U);
  disk_.SetBeforeSync(nullptr);
}

TEST_F(JournalTest, ARecordThatFindsNoRoomIsNotThereAtAll) {
  const auto journal = Begin();
  ASSERT_TRUE(journal->Append(NewFile()));
  disk_.SetCapacity(disk_.used());
  const JournalBytes large{kFile, LayerId{1}, 0, std::string(100 * kKiB, 'x')};
  EXPECT_EQ(journal->Append(large).error().code(), ErrorCode::kNoSpace);
  disk_.SetCapacity(kGiB);
  ASSERT_TRUE(journal->Append(WriteOf({0, 10})));
  const JournalFound found = Read();
  EXPECT_EQ(found.end, JournalScan::End::kWhole);
  EXPECT_TRUE(found.bytes.empty());
  EXPECT_EQ(found.state.files().at(kFile).content.size, 10U);
}

TEST_F(JournalTest, AfterASyncThatFailedNoneSucceeds) {
  const auto journal = Begin();
  ASSERT_TRUE(journal->Append(NewFile()));
  disk_.FailSyncs();
  EXPECT_FALSE(journal->Sync());
  EXPECT_FALSE(journal->Sync());
  EXPECT_TRUE(journal->Append(WriteOf({0, 10})));
}

TEST_F(JournalTest, ALongLogIsWrittenAnewAndSaysTheSame) {
  const auto journal = Begin();
  ASSERT_TRUE(journal->Append(NewFile()));
  ByteCount largest = 0;
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(journal->Append(WriteOf({static_cast<ByteCount>(i), 1})));
    ASSERT_TRUE(journal->Append(JournalBytes{kFile, LayerId{1}, 0, std::string(50 * kKiB, 'x')}));
    largest = std::max(largest, journal->size());
  }
  EXPECT_LT(largest, 5 * kMiB);
  EXPECT_LT(journal->size(), 5 * kMiB);
  EXPECT_EQ(Read().state.files().at(kFile).content.size, 200U);
}

TEST_F(JournalTest, BeforeItDropsBytesTheirStagingFileIsSynced) {
  ASSERT_TRUE(disk_.MakeDirectory(std::string(kStagingDirectory)));
  const auto journal = Begin();
  ASSERT_TRUE(journal->Append(NewFile()));
  const std::string bytes(8 * kKiB, 'x');
  {
    const auto staged = disk_.CreateFile(StagingFileName(kFile, LayerId{1}));
    ASSERT_TRUE((*staged)->Write(0, AsBytes(bytes)));
  }
  ASSERT_TRUE(journal->Append(WriteOf({0, bytes.size()})));
  ASSERT_TRUE(journal->Append(JournalBytes{kFile, LayerId{1}, 0, bytes}));
  const ByteCount before = journal->size();
  while (journal->size() >= before) {
    ASSERT_TRUE(journal->Append(JournalBytes{JournalFileId{9}, LayerId{1}, 0, std::string(kMiB, 'y')}));
  }
  disk_.LoseUnsynced(random_);
  const auto staged = disk_.OpenFile(StagingFileName(kFile, LayerId{1}));
  ASSERT_TRUE(staged);
  std::string found(bytes.size(), '\0');
  EXPECT_EQ((*staged)->Read(0, std::as_writable_bytes(std::span(found))), bytes.size());
  EXPECT_EQ(found, bytes);
}

TEST_F(JournalTest, ALogThatCannotBeWrittenAnewGoesOn) {
  const auto journal = Begin();
  ASSERT_TRUE(journal->Append(NewFile()));
  disk_.FailSyncs();
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(journal->Append(JournalBytes{kFile, LayerId{1}, 0, std::string(kMiB, 'x')}));
  }
  ASSERT_TRUE(journal->Append(WriteOf({0, 10})));
  EXPECT_EQ(Read().state.files().at(kFile).content.size, 10U);
}

TEST_F(JournalTest, NumbersOfFilesAreNotUsedAgain) {
  const std::vector<JournalRecord> records = {NewFile(JournalFileId{41})};
  const auto journal = Begin(records);
  EXPECT_EQ(journal->NewFileId(), JournalFileId{42});
  EXPECT_EQ(journal->NewFileId(), JournalFileId{43});
}

}  // namespace
}  // namespace cosfuse
