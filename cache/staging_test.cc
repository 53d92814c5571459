#include "cache/staging.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "cache/fake_disk.h"

namespace cosfuse {
namespace {

class StagingTest : public testing::Test {
 protected:
  static std::string Read(const LayerBytes& file, ByteCount offset, size_t length) {
    std::string text(length, '?');
    EXPECT_TRUE(file.Read(offset, std::as_writable_bytes(std::span(text))));
    return text;
  }
  static Result<> WriteFresh(StagingFile& file, ByteCount offset, std::string_view text) {
    const std::array fresh{ByteRange{offset, text.size()}};
    return file.Write(offset, AsBytes(text), fresh);
  }

  FakeDisk disk_{kMiB};
  int reclaimed_ = 0;
  StagingArea area_{disk_, 64 * kKiB, [this] {
                      ++reclaimed_;
                      return std::exchange(clean_, nullptr) != nullptr;
                    }};
  std::shared_ptr<StagingFile> clean_;
};

TEST_F(StagingTest, GivesBackWhatWasWritten) {
  auto file = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*file, 100, "hello"));
  ASSERT_TRUE(file->Write(102, AsBytes("LL"), {}));
  EXPECT_EQ(Read(*file, 100, 5), "heLLo");
}

TEST_F(StagingTest, WritesAroundWhatIsThereAndOverIt) {
  auto file = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*file, 2, "xx"));
  ASSERT_TRUE(WriteFresh(*file, 6, "yy"));
  const std::array<ByteRange, 3> fresh{{{0, 2}, {4, 2}, {8, 2}}};
  ASSERT_TRUE(file->Write(0, AsBytes("0123456789"), fresh));
  EXPECT_EQ(Read(*file, 0, 10), "0123456789");
}

TEST_F(StagingTest, CountsBlocksReallyUsed) {
  auto file = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*file, 40 * kKiB * 100, "x"));
  EXPECT_EQ(area_.used(), FakeDisk::kBlock);
  ASSERT_TRUE(WriteFresh(*file, 40 * kKiB * 100 + 1, "y"));
  EXPECT_EQ(area_.used(), FakeDisk::kBlock);
  file->Cut(0);
  EXPECT_EQ(area_.used(), 0u);
}

TEST_F(StagingTest, WhatOthersUseCounts) {
  ByteCount others = 60 * kKiB;
  StagingArea area(disk_, 64 * kKiB, [] { return false; }, [&others] { return others; });
  auto file = area.Create().value();
  ASSERT_TRUE(WriteFresh(*file, 0, "x"));
  const auto refused = WriteFresh(*file, 8 * kKiB, "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kNoSpace);
  others = 100 * kKiB;
  const std::array block{ByteRange{8 * kKiB, 1}};
  EXPECT_FALSE(area.CheckRoom(block));
  others = 0;
  EXPECT_TRUE(area.CheckRoom(block));
  EXPECT_TRUE(WriteFresh(*file, 8 * kKiB, "x"));
}

TEST_F(StagingTest, AFileThatGoesGivesItsSpaceBack) {
  auto file = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*file, 0, std::string(10'000, 'x')));
  EXPECT_EQ(area_.used(), 3 * FakeDisk::kBlock);
  file.reset();
  EXPECT_EQ(area_.used(), 0u);
  EXPECT_EQ(disk_.used(), 0u);
}

TEST_F(StagingTest, OneThatAnEarlierProcessLeftIsOpenOnlyWhileItIsUsed) {
  {
    auto file = area_.Create("left").value();
    ASSERT_TRUE(WriteFresh(*file, 0, "left"));
    file->KeepName(true);
  }
  EXPECT_FALSE(area_.Open("another"));
  {
    const auto file = area_.Open("left").value();
    EXPECT_EQ(area_.used(), FakeDisk::kBlock) << "it counts";
    EXPECT_EQ(Read(*file, 0, 4), "left");
    ASSERT_TRUE(WriteFresh(*file, 4, " and more"));
    ASSERT_TRUE(file->Sync());
    EXPECT_EQ(Read(*file, 0, 13), "left and more");
    EXPECT_EQ(disk_.open_files(), 0U);
    file->Cut(0);
    EXPECT_EQ(area_.used(), 0U);
  }
  EXPECT_FALSE(area_.Open("left")) << "its name goes with it";
}

TEST_F(StagingTest, ReleasedRangesGiveTheirBlocksBackAndCanBeWrittenAgain) {
  auto file = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*file, 0, std::string(40 * kKiB, 'x')));
  file->Release({4 * kKiB, 8 * kKiB});
  file->Release({20 * kKiB, 6 * kKiB});
  EXPECT_EQ(area_.used(), 28 * kKiB) << "two blocks and one: the last is used in part";
  EXPECT_EQ(Read(*file, 4 * kKiB, 8 * kKiB), std::string(8 * kKiB, '\0'));
  EXPECT_EQ(Read(*file, 26 * kKiB, 14 * kKiB), std::string(14 * kKiB, 'x'));
  ASSERT_TRUE(WriteFresh(*file, 4 * kKiB, std::string(8 * kKiB, 'y')));
  EXPECT_EQ(area_.used(), 36 * kKiB);
}

TEST_F(StagingTest, RoomIsLookedForAndNotTaken) {
  const std::array<ByteRange, 2> ranges{{{1, 2}, {100 * kMiB, 56 * kKiB}}};
  EXPECT_TRUE(area_.CheckRoom(ranges));
  EXPECT_EQ(area_.used(), 0u);
  auto file = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*file, 0, "x"));
  EXPECT_TRUE(area_.CheckRoom(ranges)) << "16 blocks are the budget";
  ASSERT_TRUE(WriteFresh(*file, 4 * kKiB, "x"));
  EXPECT_EQ(area_.CheckRoom(ranges).error().code(), ErrorCode::kNoSpace);
  EXPECT_EQ(area_.used(), 8 * kKiB);
  EXPECT_EQ(reclaimed_, 1);
}

TEST_F(StagingTest, RoomIsMadeByCleanBytesButNotForWhatCanNeverFit) {
  clean_ = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*clean_, 0, std::string(40 * kKiB, 'c')));
  const std::array never{ByteRange{0, 68 * kKiB}};
  EXPECT_EQ(area_.CheckRoom(never).error().code(), ErrorCode::kNoSpace);
  EXPECT_EQ(reclaimed_, 0);
  const std::array some{ByteRange{0, 40 * kKiB}};
  EXPECT_TRUE(area_.CheckRoom(some));
  EXPECT_EQ(reclaimed_, 1);
}

TEST_F(StagingTest, RoomOnTheDiskCountsToo) {
  disk_.SetCapacity(16 * kKiB);
  const std::array ranges{ByteRange{0, 20 * kKiB}};
  EXPECT_EQ(area_.CheckRoom(ranges).error().code(), ErrorCode::kNoSpace);
  disk_.SetCapacity(20 * kKiB);
  EXPECT_TRUE(area_.CheckRoom(ranges));
}

TEST_F(StagingTest, OverTheBudgetIsNoSpace) {
  auto file = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*file, 0, std::string(60 * kKiB, 'x')));
  const auto result = WriteFresh(*file, 60 * kKiB, std::string(8 * kKiB, 'y'));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kNoSpace);
  EXPECT_EQ(area_.used(), 60 * kKiB);
  EXPECT_EQ(reclaimed_, 1);
  ASSERT_TRUE(file->Write(0, AsBytes("over what is there"), {})) << "overwriting needs no space";
}

TEST_F(StagingTest, CleanBytesMakeRoom) {
  clean_ = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*clean_, 0, std::string(40 * kKiB, 'c')));
  auto file = area_.Create().value();
  EXPECT_TRUE(WriteFresh(*file, 0, std::string(40 * kKiB, 'd')));
  EXPECT_EQ(area_.used(), 40 * kKiB);
}

TEST_F(StagingTest, Pitfall6_AFullDiskLeavesWhatTheLayerHeld) {
  auto file = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*file, 4 * kKiB, std::string(4 * kKiB, 'o')));
  disk_.SetCapacity(8 * kKiB);
  const std::array<ByteRange, 2> fresh{{{0, 4 * kKiB}, {8 * kKiB, 4 * kKiB}}};
  const auto result = file->Write(0, AsBytes(std::string(12 * kKiB, 'n')), fresh);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kNoSpace);
  EXPECT_EQ(Read(*file, 4 * kKiB, 4 * kKiB), std::string(4 * kKiB, 'o'));
  EXPECT_EQ(area_.used(), 4 * kKiB) << "what was written before the failure is given back";
  disk_.SetCapacity(kMiB);
  EXPECT_TRUE(file->Write(0, AsBytes(std::string(12 * kKiB, 'n')), fresh));
}

TEST_F(StagingTest, AFullDiskIsTriedAgainAfterReclaiming) {
  clean_ = area_.Create().value();
  ASSERT_TRUE(WriteFresh(*clean_, 0, std::string(8 * kKiB, 'c')));
  disk_.SetCapacity(8 * kKiB);
  auto file = area_.Create().value();
  EXPECT_TRUE(WriteFresh(*file, 0, std::string(8 * kKiB, 'd')));
}

TEST(ResidentBytes, ReadsWithinItsBody) {
  const ResidentBytes bytes("hello");
  std::array<std::byte, 3> out{};
  ASSERT_TRUE(bytes.Read(2, out));
  EXPECT_EQ(AsText(out), "llo");
  EXPECT_FALSE(bytes.Read(3, out));
}

}  // namespace
}  // namespace cosfuse
