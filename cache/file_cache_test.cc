#include "cache/file_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "cache/file_cache_fixture.h"
#include "cache/upload_plan.h"

namespace cosfuse {
namespace {

class FileCacheTest : public FileCacheFixture {};

TEST_F(FileCacheTest, AnOpenedObjectReadsAsItIs) {
  const std::string content = RandomText(300'000, 1);
  const File file = cache_->OpenBase(Stored("k", content));
  EXPECT_EQ(file->size(), content.size());
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(file->base()->key, "k");
  EXPECT_EQ(ReadAll(*file), content);
}

TEST_F(FileCacheTest, AReadEndsAtTheEndOfTheFile) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  EXPECT_EQ(Read(*file, 3, 10), "45");
  EXPECT_EQ(Read(*file, 5, 10), "");
  EXPECT_EQ(Read(*file, 500, 10), "");
}

TEST_F(FileCacheTest, AFileWithContentNeedsNoRequest) {
  const File file = cache_->OpenWithContent(Stored("k", "small body"), "small body");
  EXPECT_EQ(Read(*file, 0, 100, OpContext::Immediate()), "small body");
  store_.SetObject("k", "rewritten by others");
  EXPECT_EQ(Read(*file, 0, 100), "small body");
  EXPECT_EQ(store_.count(), 0u);
}

TEST_F(FileCacheTest, ANewFileIsEmptyAndDirty) {
  const File file = cache_->Create({});
  EXPECT_EQ(file->size(), 0u);
  EXPECT_TRUE(file->dirty());
  EXPECT_FALSE(file->base());
  EXPECT_EQ(ReadAll(*file), "");
}

TEST_F(FileCacheTest, WhatIsWrittenIsRead) {
  const File file = cache_->Create({});
  ASSERT_TRUE(Write(*file, 0, "hello world"));
  ASSERT_TRUE(Write(*file, 6, "there"));
  EXPECT_EQ(ReadAll(*file), "hello there");
  EXPECT_EQ(cache_->statistics().dirty_bytes, 11u);
}

TEST_F(FileCacheTest, AWriteOverABaseFetchesNothing) {
  const std::string content = RandomText(4 * kMiB, 2);
  const File file = cache_->OpenBase(Stored("k", content));
  ASSERT_TRUE(Write(*file, 1000, "edited"));
  EXPECT_EQ(store_.count(), 0u);
  EXPECT_TRUE(file->dirty());
  std::string expected = content;
  expected.replace(1000, 6, "edited");
  EXPECT_EQ(ReadAll(*file), expected);
}

TEST_F(FileCacheTest, AWriteOfNothingChangesNothing) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  ASSERT_TRUE(Write(*file, 100, ""));
  EXPECT_EQ(file->size(), 5u);
  EXPECT_FALSE(file->dirty());
}

TEST_F(FileCacheTest, Pitfall8_GapsReadZeroAfterTruncationAndExtension) {
  const File file = cache_->OpenBase(Stored("k", std::string(100, 'b')));
  ASSERT_TRUE(file->Truncate(40));
  ASSERT_TRUE(file->Truncate(60));
  ASSERT_TRUE(Write(*file, 80, "end"));
  const std::string expected = std::string(40, 'b') + std::string(40, '\0') + "end";
  EXPECT_EQ(ReadAll(*file), expected);
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), expected);
  EXPECT_EQ(ReadAll(*file), expected);
}

TEST_F(FileCacheTest, TruncatingToThePresentSizeIsNoChange) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  ASSERT_TRUE(file->Truncate(5));
  EXPECT_FALSE(file->dirty());
}

TEST_F(FileCacheTest, AppendReturnsWhereTheDataBegins) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  EXPECT_EQ(file->Append(AsBytes("678")), 5u);
  EXPECT_EQ(file->Append(AsBytes("9")), 8u);
  EXPECT_EQ(ReadAll(*file), "123456789");
}

TEST_F(FileCacheTest, AppendsOfManyThreadsNeitherOverlapNorTear) {
  const File file = cache_->Create({});
  {
    std::vector<Thread> writers;
    for (char c = 'a'; c < 'e'; ++c) {
      writers.emplace_back("writer", [&file, c] {
        for (int i = 0; i < 100; ++i) ASSERT_TRUE(file->Append(AsBytes(std::string(10, c))));
      });
    }
  }
  const std::string all = ReadAll(*file);
  ASSERT_EQ(all.size(), 4000u);
  for (size_t at = 0; at < all.size(); at += 10) EXPECT_EQ(all.substr(at, 10), std::string(10, all[at]));
}

TEST_F(FileCacheTest, BeyondTheLargestObjectIsTooLargeAndNothingChanges) {
  const File file = cache_->Create({});
  EXPECT_EQ(CodeOf(Write(*file, kLargestObject, "x")), ErrorCode::kTooLarge);
  EXPECT_EQ(CodeOf(Write(*file, std::numeric_limits<ByteCount>::max(), "x")), ErrorCode::kTooLarge);
  EXPECT_EQ(CodeOf(file->Truncate(kLargestObject + 1)), ErrorCode::kTooLarge);
  EXPECT_EQ(file->size(), 0u);
  EXPECT_TRUE(file->Truncate(kLargestObject));
}

TEST_F(FileCacheTest, Pitfall14_EveryHandleSeesWhatOthersHaveWritten) {
  const File one = cache_->OpenBase(Stored("k", "0123456789"));
  const File& two = one;
  ASSERT_TRUE(Write(*one, 2, "AA"));
  EXPECT_EQ(Read(*two, 0, 10), "01AA456789");
  ASSERT_TRUE(Write(*two, 3, "BB"));
  EXPECT_EQ(Read(*one, 0, 10), "01ABB56789");
}

TEST_F(FileCacheTest, Pitfall2_AFailedWriteChangesNothing) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  disk_.SetCapacity(0);
  EXPECT_EQ(CodeOf(Write(*file, 3, "xxxxxx")), ErrorCode::kNoSpace);
  EXPECT_EQ(CodeOf(file->Append(AsBytes("x"))), ErrorCode::kNoSpace);
  EXPECT_EQ(file->size(), 5u);
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(ReadAll(*file), "12345");
}

TEST_F(FileCacheTest, Pitfall6_AFullDiskKeepsWhatWasWrittenAndWorksAgainLater) {
  options_.disk_budget = 64 * kKiB;
  Restart();
  const File file = cache_->OpenBase(Stored("k", "old"));
  ASSERT_TRUE(file->Truncate(0));
  const std::string first = RandomText(60 * kKiB, 3);
  ASSERT_TRUE(Write(*file, 0, first));
  EXPECT_EQ(CodeOf(Write(*file, 30 * kKiB, RandomText(60 * kKiB, 4))), ErrorCode::kNoSpace);
  EXPECT_EQ(ReadAll(*file), first);
  EXPECT_EQ(store_.GetContent("k"), "old") << "the object is untouched";
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == first);
  ASSERT_TRUE(Write(*file, 60 * kKiB, "more")) << "what was uploaded makes room";
  EXPECT_TRUE(Read(*file, 0, 100'000) == first + "more");
}

TEST_F(FileCacheTest, Pitfall4_ScatteredWritesOnADiskThatRunsFullLoseNoRange) {
  constexpr ByteCount kSize = 3 * kMiB;
  options_.disk_budget = kSize + 512 * kKiB;
  Restart();
  std::string reference = RandomText(kSize, 8);
  const File file = cache_->OpenBase(Stored("k", reference));
  std::mt19937_64 engine(9);
  for (int i = 1; i <= 400; ++i) {
    const std::string text = RandomText(1 + engine() % (100 * kKiB), engine());
    const ByteCount offset = engine() % (kSize - text.size());
    ASSERT_TRUE(Write(*file, offset, text));
    reference.replace(offset, text.size(), text);
    if (i % 20 != 0) continue;
    ASSERT_TRUE(file->Upload({}, To("k")));
    EXPECT_TRUE(store_.GetContent("k") == reference) << "after " << i << " writes";
  }
  EXPECT_GT(store_.Count(StoreOperation::kGet), 5u) << "what was clean has made room, and was fetched again";
  EXPECT_TRUE(ReadAll(*file) == reference);
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == reference);
  EXPECT_EQ(store_.open_uploads(), 0u);
  EXPECT_LE(disk_.used(), options_.disk_budget);
}

TEST_F(FileCacheTest, Pitfall7_OfTwoCachesOnOneFullDiskNeitherStoresWhatFoundNoRoom) {
  disk_.SetCapacity(256 * kKiB);
  Restart();
  const auto other = MakeFileCache(options_, faulty_, disk_, clock_, random_, nullptr);
  const std::vector<File> files = {cache_->Create({}), other->Create({})};
  std::vector<std::string> accepted(2);
  std::vector<int> refused(2);
  for (uint64_t i = 0; i < 40; ++i) {
    const std::string text = RandomText(10 * kKiB, i);
    const auto appended = files[i % 2]->Append(AsBytes(text));
    if (appended) accepted[i % 2] += text;
    if (!appended) {
      ASSERT_EQ(appended.error().code(), ErrorCode::kNoSpace);
      ++refused[i % 2];
    }
  }
  EXPECT_GT(refused[0], 0);
  EXPECT_GT(refused[1], 0);
  EXPECT_GT(accepted[0].size() + accepted[1].size(), 200 * kKiB) << "the disk was used";
  ASSERT_TRUE(files[0]->Upload({}, To("a")));
  ASSERT_TRUE(files[1]->Upload({}, To("b")));
  EXPECT_TRUE(store_.GetContent("a") == accepted[0]);
  EXPECT_TRUE(store_.GetContent("b") == accepted[1]);
  ASSERT_TRUE(files[0]->Truncate(0));
  ASSERT_TRUE(files[1]->Append(AsBytes("more"))) << "there is room again";
  EXPECT_TRUE(ReadAll(*files[1]) == accepted[1] + "more");
}

TEST_F(FileCacheTest, CleanBytesOfOtherFilesMakeRoom) {
  options_.disk_budget = 64 * kKiB;
  Restart();
  const File clean = cache_->Create({});
  const std::string content = RandomText(48 * kKiB, 5);
  ASSERT_TRUE(Write(*clean, 0, content));
  ASSERT_TRUE(clean->Upload({}, To("clean")));
  const File dirty = cache_->Create({});
  ASSERT_TRUE(Write(*dirty, 0, RandomText(48 * kKiB, 6)));
  EXPECT_TRUE(ReadAll(*clean) == content) << "it comes from the store again";
}

TEST_F(FileCacheTest, Pitfall23_AReadOfAnOverwrittenObjectIsStale) {
  const File file = cache_->OpenBase(Stored("k", RandomText(5 * kMiB, 7)));
  store_.SetObject("k", RandomText(5 * kMiB, 8));
  EXPECT_EQ(CodeOf(Read(*file, 0, 100)), ErrorCode::kStale);
}

TEST_F(FileCacheTest, Pitfall18_AFailedFetchFailsTheRead) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  faulty_.FailNext(StoreOperation::kGet, Failure(ErrorCode::kUnavailable), FaultyObjectStore::kAlways);
  EXPECT_EQ(CodeOf(Read(*file, 0, 5)), ErrorCode::kUnavailable);
  faulty_.ClearFaults();
  EXPECT_EQ(Read(*file, 0, 5), "12345");
}

TEST_F(FileCacheTest, AContextThatMayNotWaitIsNotMadeTo) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  EXPECT_EQ(CodeOf(Read(*file, 0, 5, OpContext::Immediate())), ErrorCode::kWouldWait);
  ASSERT_TRUE(Write(*file, 0, "x"));
  EXPECT_EQ(CodeOf(file->Upload(OpContext::Immediate(), To("k"))), ErrorCode::kWouldWait);
  EXPECT_EQ(CodeOf(file->MakeLocal(OpContext::Immediate())), ErrorCode::kWouldWait);
  EXPECT_EQ(store_.count(), 0u);
}

TEST_F(FileCacheTest, MakeLocalFetchesEverythingThatIsMissing) {
  const std::string content = RandomText(3 * kMiB, 9);
  const File file = cache_->OpenBase(Stored("k", content));
  ASSERT_TRUE(Write(*file, kMiB, "edited"));
  ASSERT_TRUE(file->MakeLocal({}));
  store_.RemoveObject("k");
  std::string expected = content;
  expected.replace(kMiB, 6, "edited");
  EXPECT_TRUE(ReadAll(*file) == expected);
  ASSERT_TRUE(file->Truncate(kMiB + 3));
  EXPECT_EQ(Read(*file, kMiB - 1, 100), content.substr(kMiB - 1, 1) + "edi");
}

TEST_F(FileCacheTest, WhatIsMadeLocalIsNotGivenUpForRoom) {
  options_.disk_budget = 64 * kKiB;
  Restart();
  const std::string content = RandomText(40 * kKiB, 10);
  const File file = cache_->OpenBase(Stored("k", content));
  ASSERT_TRUE(file->MakeLocal({}));
  store_.RemoveObject("k");
  const File other = cache_->Create({});
  EXPECT_EQ(CodeOf(Write(*other, 0, RandomText(40 * kKiB, 11))), ErrorCode::kNoSpace);
  EXPECT_EQ(ReadAll(*file), content);
}

TEST_F(FileCacheTest, MakeLocalOfAVersionThatIsGoneIsStale) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  store_.RemoveObject("k");
  EXPECT_EQ(CodeOf(file->MakeLocal({})), ErrorCode::kStale);
}

TEST_F(FileCacheTest, MakeLocalOfLocalBytesCostsNothing) {
  const File file = cache_->OpenWithContent(Stored("k", "12345"), "12345");
  EXPECT_TRUE(file->MakeLocal(OpContext::Immediate()));
  EXPECT_EQ(store_.count(), 0u);
}

TEST_F(FileCacheTest, RebaseKeepsLocalBytesAndCachedBlocks) {
  const std::string content = RandomText(kMiB, 12);
  const File file = cache_->OpenBase(Stored("old", content));
  EXPECT_TRUE(ReadAll(*file) == content);
  ASSERT_TRUE(Write(*file, 10, "edited"));
  file->Rebase(Stored("new", content));
  store_.RemoveObject("old");
  store_.ForgetOperations();
  std::string expected = content;
  expected.replace(10, 6, "edited");
  EXPECT_TRUE(ReadAll(*file) == expected);
  EXPECT_EQ(store_.count(), 0u);
  ASSERT_TRUE(file->Upload({}, To("new")));
  EXPECT_TRUE(store_.GetContent("new") == expected);
  EXPECT_EQ(store_.Keys().size(), 1u);
}

TEST_F(FileCacheTest, SpaceIsGivenBackWhenFilesGo) {
  {
    const File file = cache_->Create({});
    ASSERT_TRUE(Write(*file, 0, RandomText(100'000, 13)));
    EXPECT_GT(disk_.used(), 0u);
  }
  EXPECT_EQ(disk_.used(), 0u);
  EXPECT_EQ(disk_.open_files(), 0u);
}

}  // namespace
}  // namespace cosfuse
