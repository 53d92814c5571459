#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "base/thread.h"
#include "cache/file_cache_fixture.h"
#include "cache/upload_plan.h"

namespace cosfuse {
namespace {

class FileCacheSpaceTest : public FileCacheFixture {};

TEST_F(FileCacheSpaceTest, AHoleIsPunchedWithoutARequestAndStoredAsZeros) {
  const std::string content = RandomText(3 * kMiB, 1);
  const File file = cache_->OpenBase(Stored("k", content));
  EXPECT_EQ(file->Zero({kMiB, kMiB}, false), true);
  EXPECT_EQ(store_.count(), 0u);
  EXPECT_EQ(disk_.used(), 0u);
  EXPECT_TRUE(file->dirty());
  EXPECT_EQ(Read(*file, kMiB, kMiB), std::string(kMiB, '\0'));
  EXPECT_EQ(store_.count(), 0u) << "what is a hole is not fetched";
  std::string expected = content;
  expected.replace(kMiB, kMiB, kMiB, '\0');
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_TRUE(store_.GetContent("k") == expected);
  EXPECT_TRUE(ReadAll(*file) == expected);
}

TEST_F(FileCacheSpaceTest, AHoleGivesTheDiskOfWrittenBytesBack) {
  const File file = cache_->Create({});
  ASSERT_TRUE(Write(*file, 0, std::string(100 * kKiB, 'x')));
  EXPECT_EQ(disk_.used(), 100 * kKiB);
  EXPECT_EQ(file->Zero({10 * kKiB, 80 * kKiB}, false), true);
  EXPECT_EQ(disk_.used(), 24 * kKiB) << "two blocks are held in part";
  EXPECT_EQ(cache_->statistics().dirty_bytes, 20 * kKiB);
  EXPECT_EQ(Read(*file, 10 * kKiB - 1, 2), std::string("x\0", 2));
  EXPECT_EQ(Read(*file, 90 * kKiB - 1, 2), std::string("\0x", 2));
  ASSERT_TRUE(Write(*file, 50 * kKiB, "again"));
  EXPECT_EQ(Read(*file, 50 * kKiB - 1, 7), std::string("\0again\0", 7));
}

TEST_F(FileCacheSpaceTest, AHoleInAHoleAndOneBeyondTheEndAreNoChange) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  EXPECT_EQ(file->Zero({5, 100}, false), false);
  EXPECT_EQ(file->Zero({1000, 100}, false), false);
  EXPECT_EQ(file->Zero({std::numeric_limits<ByteCount>::max() - 5, 5}, false), false);
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(file->size(), 5u);
  EXPECT_EQ(file->Zero({1, 2}, false), true);
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(file->Zero({1, 2}, false), false);
  EXPECT_FALSE(file->dirty());
}

TEST_F(FileCacheSpaceTest, ZeroingExtendsWhereThatIsAskedFor) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  EXPECT_EQ(file->Zero({3, 7}, true), true);
  EXPECT_EQ(ReadAll(*file), std::string("123\0\0\0\0\0\0\0", 10));
  EXPECT_EQ(file->Zero({20, 5}, true), true);
  EXPECT_EQ(file->size(), 25u);
  EXPECT_EQ(CodeOf(file->Zero({kLargestObject, 1}, true)), ErrorCode::kTooLarge);
  EXPECT_EQ(CodeOf(file->Zero({1, std::numeric_limits<ByteCount>::max() - 1}, true)), ErrorCode::kTooLarge);
  EXPECT_EQ(file->size(), 25u);
}

TEST_F(FileCacheSpaceTest, AHoleDuringAnUploadBelongsToTheNext) {
  const File file = cache_->Create({});
  ASSERT_TRUE(Write(*file, 0, "first generation"));
  faulty_.StopAnswering();
  {
    const Thread uploader("uploader", [&] { EXPECT_TRUE(file->Upload({}, To("k"))); });
    WaitUntilHanging(1);
    EXPECT_EQ(file->Zero({0, 5}, false), true);
    faulty_.Answer();
  }
  EXPECT_EQ(store_.GetContent("k"), "first generation") << "an object never holds bytes of two moments";
  EXPECT_EQ(ReadAll(*file), std::string(5, '\0') + " generation");
  EXPECT_TRUE(file->dirty());
  ASSERT_TRUE(file->Upload({}, To("k")));
  EXPECT_EQ(store_.GetContent("k"), std::string(5, '\0') + " generation");
}

TEST_F(FileCacheSpaceTest, AReadThatAHoleOvertakesSeesTheHole) {
  const File file = cache_->OpenBase(Stored("k", std::string(4 * kKiB, 'b')));
  ASSERT_TRUE(Write(*file, 4 * kKiB, std::string(4 * kKiB, 'w')));
  faulty_.StopAnswering();
  Result<std::string> seen;
  {
    const Thread reader("reader", [&] { seen = Read(*file, 0, 8 * kKiB); });
    WaitUntilHanging(1);
    EXPECT_EQ(file->Zero({0, 8 * kKiB}, false), true);
    faulty_.Answer();
  }
  EXPECT_EQ(seen, std::string(8 * kKiB, '\0')) << "the bytes of before, and the hole, are no state of the file";
}

TEST_F(FileCacheSpaceTest, HolesSurviveMergesOfManyGenerations) {
  const File file = cache_->OpenBase(Stored("k", std::string(1000, 'b')));
  std::string expected(1000, 'b');
  for (ByteCount i = 0; i < 12; ++i) {
    ASSERT_TRUE(Write(*file, i * 50, std::string(40, 'w')));
    expected.replace(i * 50, 40, 40, 'w');
    EXPECT_EQ(file->Zero({i * 50 + 30, 60}, false), true);
    expected.replace(i * 50 + 30, 60, 60, '\0');
    ASSERT_TRUE(file->Upload({}, To("k")));
    ASSERT_EQ(ReadAll(*file), expected) << i;
    ASSERT_EQ(store_.GetContent("k"), expected) << i;
  }
}

TEST_F(FileCacheSpaceTest, AllocatingExtendsWithAHole) {
  const File file = cache_->OpenBase(Stored("k", "12345"));
  EXPECT_EQ(file->Allocate({0, 5}, true), false);
  EXPECT_EQ(file->Allocate({3, 100}, false), false);
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(file->Allocate({3, 5}, true), true);
  EXPECT_TRUE(file->dirty());
  EXPECT_EQ(ReadAll(*file), std::string("12345\0\0\0", 8));
  EXPECT_EQ(disk_.used(), 0u);
  EXPECT_EQ(CodeOf(file->Allocate({kLargestObject, 1}, true)), ErrorCode::kTooLarge);
}

TEST_F(FileCacheSpaceTest, AllocatingBeyondTheBudgetIsNoSpaceAndNothingChanges) {
  options_.disk_budget = 64 * kKiB;
  Restart();
  const File file = cache_->OpenBase(Stored("k", std::string(100 * kKiB, 'b')));
  EXPECT_EQ(CodeOf(file->Allocate({0, 200 * kKiB}, true)), ErrorCode::kNoSpace);
  EXPECT_EQ(CodeOf(file->Allocate({0, 200 * kKiB}, false)), ErrorCode::kNoSpace);
  EXPECT_EQ(file->size(), 100 * kKiB);
  EXPECT_FALSE(file->dirty());
  EXPECT_EQ(file->Allocate({0, 140 * kKiB}, true), true) << "what the file has needs no room";
  ASSERT_TRUE(Write(*file, 100 * kKiB, std::string(40 * kKiB, 'w')));
  EXPECT_EQ(CodeOf(file->Allocate({140 * kKiB, 40 * kKiB}, true)), ErrorCode::kNoSpace);
  EXPECT_EQ(file->size(), 140 * kKiB);
}

TEST_F(FileCacheSpaceTest, DataAndHolesAreFoundWithoutARequest) {
  const File file = cache_->OpenBase(Stored("k", RandomText(100 * kKiB, 1)));
  EXPECT_EQ(file->FindData(0), 0u);
  EXPECT_EQ(file->FindHole(0), 100 * kKiB);
  ASSERT_TRUE(file->Zero({10 * kKiB, 10 * kKiB}, false));
  ASSERT_TRUE(file->Truncate(kMiB));
  EXPECT_EQ(file->FindHole(0), 10 * kKiB);
  EXPECT_EQ(file->FindData(10 * kKiB), 20 * kKiB);
  EXPECT_EQ(file->FindHole(20 * kKiB), 100 * kKiB);
  EXPECT_EQ(file->FindData(100 * kKiB), std::nullopt);
  EXPECT_EQ(file->FindHole(kMiB - 1), kMiB - 1);
  EXPECT_EQ(file->FindHole(kMiB), std::nullopt);
  EXPECT_EQ(file->FindData(kMiB), std::nullopt);
  EXPECT_EQ(store_.count(), 0u);
}

}  // namespace
}  // namespace cosfuse
